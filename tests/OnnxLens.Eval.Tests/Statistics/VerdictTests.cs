using OnnxLens.Bundles;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Tests.Statistics;

[TestClass]
public sealed class VerdictTests
{
    private static CurveSummary Good => new()
    {
        Dataset = "sweet",
        Vector = "v",
        Point = new HookPoint(Site.MlpIn, 4),
        Samples = 160,
        MeanSlope = 1.61,
        CiLow = 1.58,
        CiHigh = 1.64,
        CurveSlope = 1.61,
        CurveR2 = 0.99,
        AntiSteerable = 0,
        Monotonic = 1,
        ControlSlopeMean = -0.28,
        ControlSlopeSd = 0.62,
        Multipliers = [-1.5, 0, 1.5],
        Curve = [-2.4, 0, 2.4],
        ByLetter = [new LetterSlope("A", 80, 1.5), new LetterSlope("B", 80, 1.7)],
        ShuffledSlope = 0.1,
        LetterVectorSlope = -0.2,
    };

    [TestMethod]
    public void Of_ReliableSlope_Works()
    {
        var verdict = Verdict.Of(Good);
        Assert.AreEqual(VerdictKind.Works, verdict.Kind);
        Assert.AreEqual("works: slope 1.61 [1.58, 1.64] per unit, 0 % anti-steerable, random vectors -0.28 ± 0.62", verdict.Text);
    }

    [TestMethod]
    public void Of_Typeset_HasTrueMinusSignsAndPowersOfTen()
    {
        CurveSummary summary = Good with { CiLow = -0.000056, ControlSlopeSd = 0.0000001, ShuffledSlope = -1.6, ByLetter = [new LetterSlope("A-1E-05", 80, -1.5), new LetterSlope("B", 80, 1.7)] };
        var verdict = Verdict.Of(summary, form: NumberForm.Typeset);
        Assert.StartsWith("does not work: slope 1.61 [−5.6e−5, 1.64] per unit, 0 % anti-steerable, random vectors −0.28 ± 1e−7; the interval includes 0", verdict.Text);
        Assert.EndsWith("(A-1E-05 −1.50, B 1.70); the vector of shuffled labels does as much (−1.60)", verdict.Text);
        Assert.StartsWith("does not work: slope 1.61 [-5.6E-05, 1.64] per unit, 0 % anti-steerable, random vectors -0.28 ± 1E-07; the interval", Verdict.Of(summary).Text);
    }

    [TestMethod]
    public void Of_ReliableNegativeSlope_WorksAgainst()
    {
        var verdict = Verdict.Of(Good with
        {
            MeanSlope = -1.7,
            CiLow = -1.8,
            CiHigh = -1.6,
            AntiSteerable = 0.98,
            ByLetter = [new LetterSlope("A", 80, -1.5), new LetterSlope("B", 80, -1.9)],
        });
        Assert.AreEqual(VerdictKind.WorksAgainst, verdict.Kind);
        Assert.StartsWith("works against the behaviour: slope -1.70 [-1.80, -1.60] per unit, 98 % anti-steerable", verdict.Text);
    }

    [TestMethod]
    [DataRow(160, 4, VerdictKind.Undecided)]
    [DataRow(160, 5, VerdictKind.Works)]
    [DataRow(4, null, VerdictKind.Undecided)]
    [DataRow(5, null, VerdictKind.Works)]
    public void Of_FewerThanFiveQuestions_IsUndecided(int samples, int? questions, VerdictKind kind)
    {
        var verdict = Verdict.Of(Good with { Samples = samples, Questions = questions });
        Assert.AreEqual(kind, verdict.Kind);
        Assert.AreEqual(kind == VerdictKind.Undecided, verdict.Text.EndsWith("; 4 questions are too few for an interval to mean something", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Of_OneLetterOnly_IsUndecided()
    {
        var verdict = Verdict.Of(Good with { ByLetter = [new LetterSlope("A", 160, 1.6)] });
        Assert.AreEqual(VerdictKind.Undecided, verdict.Kind);
        Assert.EndsWith("every matching answer is 'A', so that the behaviour cannot be told from the letter", verdict.Text);
    }

    [TestMethod]
    public void Of_CostMeasured_SaysItBesideTheVerdictAndDecidesNothing()
    {
        CurveSummary dear = Good with { Kl = 3.1778, PerplexityRatio = 24.739 };
        Assert.AreEqual(VerdictKind.Works, Verdict.Of(dear).Kind);
        Assert.StartsWith("works; perplexity × 24.74 at multiplier 1: slope 1.61 ", Verdict.Of(dear).Text);
        Assert.StartsWith("does not work; perplexity × 24.74 at multiplier 1: slope 1.61 ", Verdict.Of(dear with { CiLow = -0.1 }).Text);
        Assert.StartsWith("undecided; perplexity × 24.74 at multiplier 1: slope 1.61 ", Verdict.Of(dear with { Samples = 4 }).Text);
    }

    [TestMethod]
    public void Of_CostAtSeveralMultipliers_SaysTheLargestToo()
    {
        CurveSummary dear = Good with { Kl = 0.1, PerplexityRatio = 1.2 };
        SweepCost[] costs =
        [
            new("v", dear.Point, -1.5, 0.4, 1.5), new("v", dear.Point, 1, 0.1, 1.2), new("v", dear.Point, 1.5, 0.9, 4.7),
            new("other", dear.Point, 1.5, 9, 90), new("v", new HookPoint(Site.MlpIn, 5), 1.5, 9, 90),
        ];
        Assert.StartsWith("works; perplexity × 1.20 at multiplier 1, × 4.70 at 1.5: slope ", Verdict.Of(dear, costs).Text);
        Assert.StartsWith("works; perplexity × 1.20 at multiplier 1: slope ", Verdict.Of(dear, costs[1..2]).Text);
        Assert.StartsWith("works: slope ", Verdict.Of(Good, costs).Text);
    }

    [TestMethod]
    public void Of_EachReason_DoesNotWorkAndSaysWhy()
    {
        AssertReason(Good with { CiLow = -0.1 }, "; the interval includes 0");
        AssertReason(Good with { MeanSlope = 0.0123, CiLow = 0.011, CiHigh = 0.014, ShuffledSlope = null, LetterVectorSlope = null, ControlSlopeMean = null, ControlSlopeSd = null },
            "slope 0.012 [0.011, 0.014] per unit, 0 % anti-steerable, no random vectors to compare with; the whole grid moves the propensity by 0.037 logits, next to nothing");
        AssertReason(Good with { ControlSlopeMean = 0.9 }, "; random vectors of the same norm do as much");
        AssertReason(Good with { AntiSteerable = 0.3 }, "; 30 % of the samples move against the mean");
        AssertReason(Good with { CurveR2 = 0.2 }, "; the mean curve is no line (R² 0.20)");
        AssertReason(Good with { ByLetter = [new LetterSlope("A", 80, 5), new LetterSlope("B", 80, -1.8)] }, "; it moves the letter more than the behaviour (A 5.00, B -1.80)");
        AssertReason(Good with { ShuffledSlope = -0.9 }, "; the vector of shuffled labels does as much (-0.90)");
        AssertReason(Good with { LetterVectorSlope = 0.9 }, "; the vector of the letter alone does as much (0.90)");
    }

    [TestMethod]
    public void Of_NearNothing_SaysEveryReason()
    {
        SweepCell[] cells = [.. Enumerable.Range(0, 40).SelectMany(i => SweepSummarizerTests.Line($"{i}", 0.002 * ((i % 5) - 2.1), 0.3 * i, i % 2 == 0 ? "A" : "B"))];
        CurveSummary summary = new SweepSummarizer().Summarize(new SweepMeasurements
        {
            Cells = cells,
            Controls = [new ControlSlopes("sweet", new HookPoint(Site.MlpIn, 2), [0.001, -0.002, 0.0005])],
        }).Summaries.Single();
        var verdict = Verdict.Of(summary);
        Assert.AreEqual(VerdictKind.DoesNotWork, verdict.Kind);
        Assert.StartsWith("does not work: slope -0.0002 [", verdict.Text);
        Assert.Contains("; the interval includes 0; the whole grid moves the propensity by 0.0004 logits, next to nothing; random vectors of the same norm do as much", verdict.Text);
    }

    [TestMethod]
    public void Of_OneControlOrNone_IsNotComparedWith()
    {
        Assert.Contains("one random vector 1.60", Verdict.Of(Good with { ControlSlopeMean = 1.6, ControlSlopeSd = null }).Text);
        Assert.AreEqual(VerdictKind.Works, Verdict.Of(Good with { ControlSlopeMean = 1.6, ControlSlopeSd = null }).Kind);
    }

    [TestMethod]
    public void Of_OneSample_IsUndecided()
    {
        var verdict = Verdict.Of(Good with { Samples = 1, CiLow = null, CiHigh = null });
        Assert.AreEqual(VerdictKind.Undecided, verdict.Kind);
        Assert.EndsWith("; one sample says nothing of others", verdict.Text);
        Assert.EndsWith("; one question says nothing of others", Verdict.Of(Good with { CiLow = null, CiHigh = null }).Text);
    }

    private static void AssertReason(CurveSummary summary, string reason)
    {
        var verdict = Verdict.Of(summary);
        Assert.AreEqual(VerdictKind.DoesNotWork, verdict.Kind);
        Assert.StartsWith("does not work: slope ", verdict.Text);
        Assert.EndsWith(reason, verdict.Text);
    }
}
