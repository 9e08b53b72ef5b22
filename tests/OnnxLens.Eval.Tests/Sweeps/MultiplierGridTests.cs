using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Tests.Sweeps;

[TestClass]
public sealed class MultiplierGridTests
{
    [TestMethod]
    [DataRow("-1.5:1.5:0.5", "-1.5 -1 -0.5 0 0.5 1 1.5")]
    [DataRow("0:1:0.1", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1")]
    [DataRow("-0.3:0.3:0.1", "-0.3 -0.2 -0.1 0 0.1 0.2 0.3")]
    [DataRow("0:1:0.4", "0 0.4 0.8")]
    [DataRow("1,-1", "-1 1")]
    [DataRow(" 2 , 1e-3,2 ", "0.001 2")]
    [DataRow("0:2:1,5,1", "0 1 2 5")]
    [DataRow("3:3:1,4", "3 4")]
    [DataRow("-0,1", "0 1")]
    public void Parse_List_IsAscendingEachOnce(string text, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', MultiplierGrid.Parse(text).Select(number => number.ToString(CultureInfo.InvariantCulture))));

    [TestMethod]
    public void Default_IsThatOfItsText() => Assert.AreSequenceEqual(MultiplierGrid.Parse("-1.5:1.5:0.5").ToArray(), MultiplierGrid.Default.ToArray());

    [TestMethod]
    public void Parse_NegativeZero_IsZero() => Assert.IsFalse(double.IsNegative(MultiplierGrid.Parse("-0,1")[0]));

    [TestMethod]
    [DataRow("", "'' in the multipliers '' is no number")]
    [DataRow("1,,2", "'' in the multipliers")]
    [DataRow("a", "'a' in the multipliers 'a' is no number")]
    [DataRow("1;2", "is no number")]
    [DataRow("NaN,1", "'NaN' in the multipliers")]
    [DataRow("1e999,1", "'1e999' in the multipliers")]
    [DataRow("0:1", "'0:1' in the multipliers '0:1' is no range. Write from:to:step")]
    [DataRow("0:1:1:1", "is no range")]
    [DataRow("0:x:1", "'x' in the multipliers")]
    [DataRow("1:0:0.5", "does not rise")]
    [DataRow("0:1:0", "does not rise")]
    [DataRow("0:1:-1", "does not rise")]
    [DataRow("0:1:1e-9", "has more than 1000 multipliers")]
    [DataRow("-1e308:1e308:1", "has more than 1000 multipliers")]
    [DataRow("0:600:1,1000:1600:1", "1202 multipliers were given")]
    [DataRow("0", "The multipliers are 0; a slope needs at least two different ones")]
    [DataRow("0,1e-300", "The multiplier 1E-300 is so small that a slope over it is no number")]
    [DataRow("-1e200,1", "The multiplier -1E+200 is so large")]
    [DataRow("1,1.0", "The multipliers are 1; a slope needs at least two different ones")]
    [DataRow("-0,0", "a slope needs at least two different ones")]
    [DataRow("0:1:5", "a slope needs at least two different ones")]
    public void Parse_WhatGivesNoSlope_SaysWhy(string text, string fragment) =>
        Assert.Contains(fragment, Assert.ThrowsExactly<EvalException>(() => MultiplierGrid.Parse(text)).Message);

    [TestMethod]
    public void Require_ArraysMadeByHand_AreHeldToTheSame()
    {
        MultiplierGrid.Require([-1, 1]);
        Assert.Contains("are none", Assert.ThrowsExactly<EvalException>(() => MultiplierGrid.Require(default)).Message);
        Assert.Contains("are none", Assert.ThrowsExactly<EvalException>(() => MultiplierGrid.Require([])).Message);
        Assert.Contains("must be finite", Assert.ThrowsExactly<EvalException>(() => MultiplierGrid.Require([0, double.PositiveInfinity])).Message);
        Assert.Contains("at most 1000", Assert.ThrowsExactly<EvalException>(() => MultiplierGrid.Require([.. Enumerable.Range(0, 1001).Select(i => (double)i)])).Message);
    }
}
