using OnnxLens.Reports.Plots;

namespace OnnxLens.Reports.Tests;

/// <summary>How plots write numbers.</summary>
[TestClass]
public sealed class PlotTextTests
{
    [TestMethod]
    [DataRow(0.000012345, "1.23e−5")]
    [DataRow(-0.00001, "−1e−5")]
    [DataRow(1234.5, "1.23e3")]
    [DataRow(-0.25, "−0.25")]
    [DataRow(0, "0")]
    [DataRow(double.NaN, "NaN")]
    public void Number_OfAnySize_HasThreeDigitsAndOneFormOfPowers(double value, string expected) => Assert.AreEqual(expected, PlotText.Number(value));

    [TestMethod]
    [DataRow(0.000025, "2.5e−5")]
    [DataRow(0.1 + 0.2, "0.3")]
    [DataRow(-1500, "−1500")]
    [DataRow(2500000, "2.5e6")]
    public void Tick_OfAnySize_IsRounded(double value, string expected) => Assert.AreEqual(expected, PlotText.Tick(value));
}
