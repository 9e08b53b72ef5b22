using OnnxLens.Eval.Gates;
using OnnxLens.Eval.Statistics;
using static OnnxLens.Eval.Tests.Gates.GateFixtures;

namespace OnnxLens.Eval.Tests.Gates;

[TestClass]
public sealed class GateUpdateTests
{
    [TestMethod]
    public void Of_NoBaseline_HoldsTheResult()
    {
        SummaryFile result = Summary(Result(), Result(layer: 5) with { MeanSlope = -0.5, AntiSteerable = 1 });
        var update = GateUpdate.Of(null, result);
        Assert.AreEqual("abc", update.Baseline.BundleHash);
        Assert.IsTrue(Gate.Check(update.Baseline, result).Passed);
        Assert.AreSequenceEqual(
            new[] { "added 'sweet' at mlp_in.4 on 'sweet': slope 1.610, 10 % anti-steerable, 160 samples", "added 'sweet' at mlp_in.5 on 'sweet': slope -0.500, 100 % anti-steerable, 160 samples" },
            update.Changes);
    }

    [TestMethod]
    public void Of_OldBaseline_KeepsWhatWasSetByHand()
    {
        GateEntry byHand = Entry() with { Tolerance = 0.4, Interval = new Interval(1, 2), MaxAntiSteerable = 0.3 };
        GateBaseline old = Baseline(byHand, Entry(vector: "gone")) with { BundleHash = "old", RequireBundle = true, Tolerance = 0.7, AntiSteerableAllowance = 0.01 };
        var update = GateUpdate.Of(old, Summary(Result(vector: "fresh"), Result() with { MeanSlope = 1.5, Samples = 100, AntiSteerable = 0.2 }));
        Assert.AreEqual(byHand with { MeanSlope = 1.5, Samples = 100, AntiSteerable = 0.2 }, update.Baseline.Entries[1]);
        Assert.AreEqual(Entry(vector: "fresh"), update.Baseline.Entries[0]);
        Assert.AreEqual(old with { BundleHash = "abc", Entries = update.Baseline.Entries }, update.Baseline);
        Assert.AreSequenceEqual(
            new[]
            {
                "bundle: old → abc",
                "added 'fresh' at mlp_in.4 on 'sweet': slope 1.610, 10 % anti-steerable, 160 samples",
                "changed 'sweet' at mlp_in.4 on 'sweet': slope 1.610 → 1.500, anti-steerable 10 % → 20 %, samples 160 → 100",
                "removed 'gone' at mlp_in.4 on 'sweet'",
            },
            update.Changes);
    }

    [TestMethod]
    public void Of_LimitsByHandThatNoLongerHold_AreKeptAndSaid()
    {
        GateBaseline old = Baseline(Entry() with { Interval = new Interval(1.6, 1.7), MaxAntiSteerable = 0.15 });
        var update = GateUpdate.Of(old, Summary(Result() with { MeanSlope = 1.5, AntiSteerable = 0.2 }));
        Assert.HasCount(3, update.Changes);
        Assert.StartsWith("kept 'sweet' at mlp_in.4 on 'sweet': the interval [1.600, 1.700] set by hand", update.Changes[1]);
        Assert.StartsWith("kept 'sweet' at mlp_in.4 on 'sweet': the limit 15 % set by hand", update.Changes[2]);
    }

    [TestMethod]
    [DataRow(1.6, "above which it now is (× 1.60)")]
    [DataRow(null, "where it was not measured")]
    public void Of_LimitOfPerplexityThatDoesNotHold_IsKeptAndSaid(double? ratio, string said)
    {
        GateBaseline old = Baseline(Entry()) with { MaxPerplexityRatio = 1.5 };
        var update = GateUpdate.Of(old, Summary(Result() with { PerplexityRatio = ratio }));
        Assert.AreEqual(1.5, update.Baseline.MaxPerplexityRatio);
        Assert.AreEqual($"kept 'sweet' at mlp_in.4 on 'sweet': the limit × 1.50 of perplexity set by hand, {said}; the gate fails until it is changed", update.Changes.Single());
        Assert.IsEmpty(GateUpdate.Of(old, Summary(Result() with { PerplexityRatio = 1.5 })).Changes.Where(change => change.StartsWith("kept", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Of_SameResult_ChangesNothing() => Assert.IsEmpty(GateUpdate.Of(Baseline(Entry()) with { BundleHash = "abc" }, Summary(Result())).Changes);

    [TestMethod]
    public void Of_EmptyResult_IsRefused() =>
        Assert.Contains("would hold nothing", Assert.ThrowsExactly<EvalException>(() => GateUpdate.Of(Baseline(Entry()), Summary())).Message);
}
