using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Tests.Drift;

[TestClass]
public sealed class SlopeDriftAnalysisTests
{
    private static readonly BootstrapOptions Few = new() { Resamples = 500 };

    [TestMethod]
    public void Of_FourSamples_IsWhatIsWorkedByHand()
    {
        SlopeDrift drift = Compare([1, 2, -1, 0], [2, 1, 1, -3]).Single();
        Assert.AreEqual(0.5, drift.SlopeA, 1e-15);
        Assert.AreEqual(0.25, drift.SlopeB, 1e-15);
        Assert.AreEqual(-0.25, drift.Difference, 1e-15);

        // Deviations 1/2, 3/2, -3/2, -1/2 and 7/4, 3/4, 3/4, -13/4: 20/8 over the root of 5 · 14.75.
        Assert.AreEqual(2.5 / Math.Sqrt(5 * 14.75), drift.Correlation!.Value, 1e-12);
        Assert.AreEqual(1, drift.SignFlips, "the third; a slope of 0 has no sign");
        Assert.IsLessThanOrEqualTo(drift.Difference, drift.CiLow!.Value);
        Assert.IsGreaterThanOrEqualTo(drift.Difference, drift.CiHigh!.Value);
    }

    [TestMethod]
    public void Of_EqualSlopes_IsExactlyNone()
    {
        double[] slopes = [0.1, -0.7, 0.30000000000000004, 1e-9];
        SlopeDrift drift = Compare(slopes, slopes).Single();
        Assert.AreEqual((0.0, 0.0, 0.0, 1.0, 0), (drift.Difference, drift.CiLow, drift.CiHigh, drift.Correlation, drift.SignFlips));
        Assert.AreEqual(drift.SlopeA, drift.SlopeB);
    }

    [TestMethod]
    public void Of_OneShiftForAll_HasNoWidth()
    {
        // A bootstrap that drew the two sides apart would have the width of the slopes.
        SlopeDrift drift = Compare([-8, 4, 16, 2], [-7.5, 4.5, 16.5, 2.5]).Single();
        Assert.AreEqual((0.5, 0.5, 0.5), (drift.Difference, drift.CiLow, drift.CiHigh));
        Assert.AreEqual(1, drift.Correlation!.Value, 1e-12);
    }

    [TestMethod]
    public void Of_SidesSwapped_TurnsTheDifferenceRound()
    {
        double[] a = [1, 2, -1, 0.25];
        double[] b = [2, 1, 1, -3];
        SlopeDrift forward = Compare(a, b).Single();
        SlopeDrift backward = Compare(b, a).Single();
        Assert.AreEqual(-forward.Difference, backward.Difference, 1e-15);
        Assert.AreEqual(-forward.CiHigh!.Value, backward.CiLow!.Value, 1e-12);
        Assert.AreEqual(-forward.CiLow!.Value, backward.CiHigh!.Value, 1e-12);
        Assert.AreEqual(forward.Correlation!.Value, backward.Correlation!.Value, 1e-15);
        Assert.AreEqual(forward.SignFlips, backward.SignFlips);
    }

    [TestMethod]
    public void Of_AConstantSideOrASingleSample_HasWhatIsDefined()
    {
        Assert.IsNull(Compare([1, 1, 1], [1, 2, 3]).Single().Correlation);
        SlopeDrift single = Compare([1], [3]).Single();
        Assert.IsTrue(single is { Difference: 2, CiLow: null, CiHigh: null, Correlation: null });
    }

    [TestMethod]
    public void Of_APointOfOneSideOnly_IsLeftOut()
    {
        ImmutableArray<SampleSlope> a = [.. Slopes([1, 2], 0), .. Slopes([3, 4], 1)];
        ImmutableArray<SlopeDrift> drift = SlopeDriftAnalysis.Of(a, Slopes([5, 6], 1), [], Few);
        Assert.AreEqual(1, drift.Single().Point.Layer);
    }

    [TestMethod]
    public void Of_OtherSamples_IsRefused()
    {
        string message = Assert.ThrowsExactly<EvalException>(() => Compare([1, 2], [1, 2, 3])).Message;
        Assert.Contains("other samples of 'set' in A (2) than in B (3)", message);
    }

    private static ImmutableArray<SlopeDrift> Compare(double[] a, double[] b) => SlopeDriftAnalysis.Of(Slopes(a), Slopes(b), [], Few);

    private static ImmutableArray<SampleSlope> Slopes(double[] slopes, int layer = 2) =>
        [.. slopes.Select((slope, i) => new SampleSlope("set", $"row{i}", "A", "bold", new HookPoint(Site.MlpIn, layer), slope, 0, null, null))];
}
