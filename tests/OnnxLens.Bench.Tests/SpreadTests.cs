using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Tests;

/// <summary>Medians and ranges of repeats, and what is held to a bound.</summary>
[TestClass]
public sealed class SpreadTests
{
    [TestMethod]
    public void Of_OddCount_TakesTheMiddle() => Assert.AreEqual(new Spread(2, 1, 9), Spread.Of([9, 1, 2]));

    [TestMethod]
    public void Of_EvenCount_TakesTheMeanOfTheMiddleTwo() => Assert.AreEqual(new Spread(2.5, 1, 9), Spread.Of([9, 1, 2, 3]));

    [TestMethod]
    public void OfRatios_Samples_AreDividedBeforeTheMedian() => Assert.AreEqual(new Spread(2, 0.5, 3), Spread.OfRatios([2, 6, 4], [4, 2, 2]));

    [TestMethod]
    public void OfRatiosApart_Samples_AreDividedEachByEach() => Assert.AreEqual(new Spread(2, 1, 4), Spread.OfRatiosApart([2, 4], [1, 2, 2]));

    [TestMethod]
    [DataRow(1.0, true)]
    [DataRow(1.1, false)]
    public void Holds_UpperBound_IsTheMediansAffair(double median, bool holds) =>
        Assert.AreEqual(holds, new Figure("s", "n", "", new Spread(median, 0, 9), Bound.AtMost(1)).Holds);

    [TestMethod]
    public void Holds_NoBound_IsNotKnown() => Assert.IsNull(new Figure("s", "n", "", Spread.Single(1)).Holds);
}
