using OnnxLens.Eval.Gates;
using OnnxLens.Eval.Statistics;
using static OnnxLens.Eval.Tests.Gates.GateFixtures;

namespace OnnxLens.Eval.Tests.Gates;

[TestClass]
public sealed class GateTests
{
    [TestMethod]
    public void Check_SameResult_Passes()
    {
        GateReport report = Check(Entry(), Result());
        Assert.IsTrue(report.Passed);
        Assert.AreEqual("1 of 1 entries hold", report.Headline);
        Assert.IsNull(report.BundleDifference);
    }

    [TestMethod]
    public void Check_OtherMultipliers_IsRefused()
    {
        GateBaseline baseline = Baseline(Entry()) with { Multipliers = "-1,1" };
        SummaryFile result = Summary(Result());
        Assert.IsTrue(Gate.Check(baseline, result with { Multipliers = "-1,1" }).Passed);
        Assert.IsTrue(Gate.Check(baseline, result).Passed);
        EvalException refused = Assert.ThrowsExactly<EvalException>(() => Gate.Check(baseline, result with { Multipliers = "-1,0,1" }));
        Assert.Contains("was swept over the multipliers -1,0,1, the baseline over -1,1", refused.Message);
    }

    [TestMethod]
    [DataRow(1.71, true)]
    [DataRow(1.51, true)]
    [DataRow(1.7101, false)]
    [DataRow(1.5099, false)]
    public void Check_SlopeAtTheTolerance_HoldsAndNoFurther(double slope, bool holds) =>
        AssertOnly(Check(Entry(), Result() with { MeanSlope = slope }), holds ? null : GateFailureKind.SlopeOutsideTolerance);

    [TestMethod]
    public void Check_ToleranceOfTheEntry_GoesBeforeTheBaselines()
    {
        SummaryEntry moved = Result() with { MeanSlope = 1.3 };
        AssertOnly(Check(Entry() with { Tolerance = 0.4 }, moved), null);
        GateReport failed = Check(Entry() with { Tolerance = 0.3 }, moved);
        AssertOnly(failed, GateFailureKind.SlopeOutsideTolerance);
        Assert.AreEqual("mean slope 1.300 is 0.310 below the baseline's 1.610, where 0.300 is allowed", failed.Checks[0].Failures[0].Message);
    }

    [TestMethod]
    [DataRow(1.6, true)]
    [DataRow(1.7, true)]
    [DataRow(1.5999, false)]
    [DataRow(1.7001, false)]
    public void Check_SlopeAtTheIntervalsEnd_HoldsAndNoFurther(double slope, bool holds) =>
        AssertOnly(Check(Entry() with { Tolerance = 5, Interval = new Interval(1.6, 1.7) }, Result() with { MeanSlope = slope }), holds ? null : GateFailureKind.SlopeOutsideInterval);

    [TestMethod]
    [DataRow(0.15, null, true)]
    [DataRow(0.1501, null, false)]
    [DataRow(0.02, null, true)]
    [DataRow(0.3, 0.3, true)]
    [DataRow(0.12, 0.11, false)]
    public void Check_AntiSteerable_MayGrowByTheAllowanceOrToTheLimit(double fraction, double? most, bool holds) =>
        AssertOnly(Check(Entry() with { MaxAntiSteerable = most }, Result() with { AntiSteerable = fraction }), holds ? null : GateFailureKind.AntiSteerableGrew);

    [TestMethod]
    [DataRow(1.5, 1.5, null, null)]
    [DataRow(1.5, 1.5001, null, GateFailureKind.PerplexityAboveLimit)]
    [DataRow(1.5, double.PositiveInfinity, null, GateFailureKind.PerplexityAboveLimit)]
    [DataRow(1.5, null, null, GateFailureKind.PerplexityNotMeasured)]
    [DataRow(1.5, 1.8, 2.0, null)]
    [DataRow(null, 2.5, 2.0, GateFailureKind.PerplexityAboveLimit)]
    [DataRow(null, 90.0, null, null)]
    [DataRow(null, null, null, null)]
    public void Check_Perplexity_MayBeUpToTheLimitOfTheEntryOrTheBaseline(double? ofBaseline, double? ratio, double? ofEntry, GateFailureKind? kind) =>
        AssertOnly(Gate.Check(Baseline(Entry() with { MaxPerplexityRatio = ofEntry }) with { MaxPerplexityRatio = ofBaseline }, Summary(Result() with { PerplexityRatio = ratio })), kind);

    [TestMethod]
    public void Check_PerplexityAboveTheLimit_SaysBoth() => Assert.AreEqual(
        "the perplexity of ordinary text is × 4.70 at multiplier 1, where × 1.50 is allowed",
        Check(Entry() with { MaxPerplexityRatio = 1.5 }, Result() with { PerplexityRatio = 4.7 }).Checks[0].Failures.Single().Message);

    [TestMethod]
    public void Check_Samples_MayNotBeFewer()
    {
        AssertOnly(Check(Entry(), Result() with { Samples = 159 }), GateFailureKind.FewerSamples);
        AssertOnly(Check(Entry(), Result() with { Samples = 161 }), null);
    }

    [TestMethod]
    public void Check_EntryThatIsNotThere_FailsAndNewOnesAreListed()
    {
        GateReport report = Gate.Check(Baseline(Entry()), Summary(Result(layer: 5)));
        AssertOnly(report, GateFailureKind.Missing);
        Assert.AreEqual(5, report.New.Single().Key.Point.Layer);
        Assert.IsTrue(Gate.Check(Baseline(Entry()), Summary(Result(), Result(vector: "other"))).Passed);
    }

    [TestMethod]
    public void Check_SeveralFaults_AreAllSaid()
    {
        GateReport report = Check(Entry() with { Interval = new Interval(1.5, 1.7) }, Result() with { MeanSlope = -0.2, AntiSteerable = 0.6, Samples = 3 });
        Assert.AreSequenceEqual(
            new[] { GateFailureKind.FewerSamples, GateFailureKind.SlopeOutsideTolerance, GateFailureKind.SlopeOutsideInterval, GateFailureKind.AntiSteerableGrew },
            report.Checks[0].Failures.Select(failure => failure.Kind));
    }

    [TestMethod]
    [DataRow("abc", true, true, false)]
    [DataRow("abc", false, true, false)]
    [DataRow("other", true, false, true)]
    [DataRow("other", false, true, true)]
    [DataRow(null, true, false, true)]
    [DataRow(null, false, true, false)]
    public void Check_Bundle_FailsOnlyWhereItIsRequired(string? hash, bool required, bool passes, bool said)
    {
        GateReport report = Gate.Check(Baseline(Entry()) with { BundleHash = "abc", RequireBundle = required }, new SummaryFile(hash, [Result()]));
        Assert.AreEqual(passes, report.Passed);
        Assert.AreEqual(said, report.BundleDifference is not null);
        Assert.AreEqual(!passes, report.BundleFailure is not null);
    }

    [TestMethod]
    public void Check_BaselineWithoutEntries_IsRefused() =>
        Assert.Contains("any result would pass", Assert.ThrowsExactly<EvalException>(() => Gate.Check(Baseline(), Summary(Result()))).Message);

    private static void AssertOnly(GateReport report, GateFailureKind? kind)
    {
        Assert.AreEqual(kind is null, report.Passed);
        Assert.AreSequenceEqual(kind is GateFailureKind one ? [one] : Array.Empty<GateFailureKind>(), report.Checks.Single().Failures.Select(failure => failure.Kind));
    }
}
