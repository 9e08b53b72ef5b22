using OnnxLens.Runtime;

namespace OnnxLens.Tests.Runtime;

/// <summary>Which positions a selection covers, asked one by one.</summary>
[TestClass]
public sealed class SteeringPositionsTests
{
    private const int PromptLength = 5;
    private const int Length = 8;

    // Token 7 stands at 0, 3 and 6.
    private static readonly int[] Tokens = [7, 1, 2, 7, 4, 5, 7, 6];

    [TestMethod]
    [DataRow("label", "4")]
    [DataRow("all", "0 1 2 3 4 5 6 7")]
    [DataRow("prompt", "0 1 2 3 4")]
    [DataRow("generated", "5 6 7")]
    [DataRow("0", "0")]
    [DataRow("6", "6")]
    [DataRow("2-4", "2 3 4")]
    [DataRow("3-3", "3")]
    [DataRow("-1", "4")]
    [DataRow("-5", "0")]
    [DataRow("-2--1", "3 4")]
    [DataRow("4-6, -5 ,2", "0 2 4 5 6")]
    [DataRow("id:7", "0 3 6")]
    [DataRow("id:7,id:6,label", "0 3 4 6 7")]
    [DataRow("id:99", "")]
    [DataRow("label,all", "0 1 2 3 4 5 6 7")]
    [DataRow("-6", "")]
    [DataRow("8", "")]
    public void Covers_EachForm_IsThePositionsItNames(string text, string expected)
    {
        var positions = SteeringPositions.Parse(text);
        Assert.AreEqual(expected, string.Join(' ', Enumerable.Range(0, Length).Where(position => positions.Covers(position, Tokens[position], PromptLength))));
        Assert.AreEqual(text, positions.Text);
        Assert.AreEqual(text, positions.ToString());
    }

    [TestMethod]
    [DataRow("label", "4")]
    [DataRow("generated,0", "0 7")]
    [DataRow("id:7", "0 3")]
    [DataRow("6", "")]
    public void Among_SomePositions_AreThoseOfThemThatAreSteered(string text, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', SteeringPositions.Parse(text).Among([0, 3, 4, 7], Tokens, PromptLength)));

    [TestMethod]
    [DataRow(-1)]
    [DataRow(Length)]
    public void Among_PositionThatTheSequenceDoesNotHave_IsRefused(int position) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SteeringPositions.All.Among([0, position], Tokens, PromptLength));

    [TestMethod]
    public void Covers_NegativeNumber_CountsFromTheEndOfThePromptAndNotOfTheSequence()
    {
        var last = SteeringPositions.Parse("-1");
        Assert.IsTrue(last.Covers(2, token: 0, promptLength: 3));
        Assert.IsFalse(last.Covers(7, token: 0, promptLength: 3));
    }

    [TestMethod]
    [DataRow("label,all,id:3", 0)]
    [DataRow("0,7", 0)]
    [DataRow("8", 1)]
    [DataRow("6-9", 2)]
    [DataRow("-5", 0)]
    [DataRow("-6", 1)]
    [DataRow("-7--5,9", 3)]
    public void Missing_PositionsByNumber_AreCountedThatTheSequenceDoesNotHave(string text, int missing) =>
        Assert.AreEqual(missing, SteeringPositions.Parse(text).Missing(Length, PromptLength));

    [TestMethod]
    [DataRow("")]
    [DataRow(",")]
    [DataRow("0,")]
    [DataRow("last")]
    [DataRow("All")]
    [DataRow("1.5")]
    [DataRow("0x1")]
    [DataRow("1-")]
    [DataRow("--1")]
    [DataRow("1-2-3")]
    [DataRow("id:")]
    [DataRow("id:-1")]
    [DataRow("id:1-2")]
    [DataRow("id: 5")]
    [DataRow("2147483648")]
    [DataRow("\u0661")]
    public void Parse_WhatIsNoSelection_NamesThePartAndTheForms(string text)
    {
        string message = Assert.ThrowsExactly<SelectionException>(() => SteeringPositions.Parse(text)).Message;
        Assert.Contains("selects no positions to steer", message);
        Assert.Contains("label, all, prompt, generated", message);
    }

    [TestMethod]
    [DataRow("4-2")]
    [DataRow("-1--3")]
    [DataRow("-2-3")]
    [DataRow("3--1")]
    public void Parse_RangeThatDoesNotRise_IsRefused(string text) =>
        Assert.Contains("runs backwards", Assert.ThrowsExactly<SelectionException>(() => SteeringPositions.Parse(text)).Message);

    [TestMethod]
    [DataRow("0-2147483647")]
    [DataRow("-2147483648--1")]
    public void Parse_EndlessRange_IsRefused(string text) =>
        Assert.Contains("longer than any sequence", Assert.ThrowsExactly<SelectionException>(() => SteeringPositions.Parse(text)).Message);

    [TestMethod]
    public void At_And_OfTokens_AreWhatParseReads()
    {
        Assert.AreEqual("0,-2,5", SteeringPositions.At(0, -2, 5).Text);
        Assert.AreEqual("id:3,id:8", SteeringPositions.OfTokens(3, 8).Text);
        Assert.IsTrue(SteeringPositions.OfTokens(3, 8).Covers(position: 100, token: 8, promptLength: 1));
    }
}
