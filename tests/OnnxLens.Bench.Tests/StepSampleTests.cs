using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Tests;

/// <summary>What is measured of a long phase, and what it stands for.</summary>
[TestClass]
public sealed class StepSampleTests
{
    [TestMethod]
    [DataRow(0, 5)]
    [DataRow(1, 5)]
    [DataRow(5, 5)]
    [DataRow(10, 5)]
    [DataRow(7, int.MaxValue)]
    public void Of_FewSteps_TakesThemAll(int steps, int most)
    {
        var sample = StepSample.Of(steps, most);
        Assert.IsTrue(sample.IsWhole);
        Assert.AreSequenceEqual(Enumerable.Range(0, steps).ToArray(), sample.Runs.Select(run => run.First).ToArray());
    }

    [TestMethod]
    public void Of_ManySteps_TakesTheMiddleOfEachStretch()
    {
        var sample = StepSample.Of(15, 3);
        Assert.IsFalse(sample.IsWhole);
        Assert.AreSequenceEqual(new[] { 2, 7, 12 }, sample.Runs.Select(run => run.First).ToArray());
    }

    [TestMethod]
    public void Of_FewStepsInARow_TakesThemAllAndTheRest()
    {
        var sample = StepSample.Of(19, 10, inARow: 8);
        Assert.IsTrue(sample.IsWhole);
        Assert.AreSequenceEqual(new StepRun[] { new(0, 8, 8), new(8, 8, 8), new(16, 3, 3) }, sample.Runs.ToArray());
    }

    [TestMethod]
    public void Of_ManyStepsInARow_TakesTheMiddleOfEachStretch()
    {
        var sample = StepSample.Of(100, 17, inARow: 8);
        Assert.IsFalse(sample.IsWhole);
        Assert.AreEqual(16, sample.Measured);
        Assert.AreSequenceEqual(new StepRun[] { new(21, 8, 50), new(71, 8, 50) }, sample.Runs.ToArray());
    }

    [TestMethod]
    public void Of_FewerThanInARow_TakesARunThatFits()
    {
        Assert.AreSequenceEqual(new StepRun[] { new(0, 5, 5) }, StepSample.Of(5, 1, inARow: 8).Runs.ToArray());
        Assert.AreSequenceEqual(new StepRun[] { new(6, 8, 20) }, StepSample.Of(20, 1, inARow: 8).Runs.ToArray());
    }

    [TestMethod]
    public void Total_CostThatGrowsEvenly_IsExactForOddStretches()
    {
        var sample = StepSample.Of(15, 3);
        double whole = Enumerable.Range(0, 15).Sum(Cost);
        Assert.AreEqual(whole, sample.Total([.. sample.Runs.Select(run => Cost(run.First))]), 1e-9);
    }

    [TestMethod]
    [DataRow(1499, 16)]
    [DataRow(1500, 48)]
    [DataRow(255, 64)]
    public void Total_CostThatGrowsEvenly_IsWithinHalfAStep(int steps, int most)
    {
        var sample = StepSample.Of(steps, most);
        double whole = Enumerable.Range(0, steps).Sum(Cost);
        Assert.AreEqual(whole, sample.Total([.. sample.Runs.Select(run => Cost(run.First))]), steps * (Cost(1) - Cost(0)) / 2);
    }

    [TestMethod]
    public void Total_CostOfOne_CountsEveryStep()
    {
        var sample = StepSample.Of(1001, 17);
        Assert.AreEqual(1001, sample.Total([.. sample.Runs.Select(_ => 1.0)]), 1e-9);
    }

    [TestMethod]
    public void Total_CostsOfOtherSteps_AreRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => StepSample.Of(10, 3).Total([1, 2]));

    private static double Cost(int step) => 3 + (0.5 * step);
}
