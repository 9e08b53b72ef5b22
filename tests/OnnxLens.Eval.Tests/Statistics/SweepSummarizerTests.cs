using OnnxLens.Bundles;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Tests.Statistics;

[TestClass]
public sealed class SweepSummarizerTests
{
    private static readonly HookPoint Point = new(Site.MlpIn, 2);
    private static readonly double[] Multipliers = [-1, 0, 1];

    [TestMethod]
    public void Summarize_GoldenSweep_GivesItsSummary()
    {
        var table = GoldenTable.Read("propensity");
        SweepCell[] cells = [.. table.Rows.SelectMany(row => table.Multipliers.Select((multiplier, i) => Cell(row.Sample, multiplier, row.Propensity[i])))];
        SweepSummary summary = new SweepSummarizer().Summarize(new SweepMeasurements { Cells = cells });
        CurveSummary curve = summary.Summaries.Single();

        // The cells hold fp32 logits: the golden propensities rounded once.
        Assert.AreEqual(table["mean_slope"], curve.MeanSlope, 1e-6);
        Assert.AreEqual(table["anti_steerable"], curve.AntiSteerable);
        Assert.AreEqual(table.Array("mean_slope_ci")[0], curve.CiLow!.Value, 5 * table.Array("mean_slope_ci_spread")[0]);
        Assert.AreEqual(table.Rows.Average(row => row.Spearman!.Value), curve.MeanSpearman!.Value, 1e-9);
        Assert.AreEqual(table.Rows.Count, curve.Samples);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            Assert.AreEqual(table.Rows[i].Sample, summary.Slopes[i].Sample);
            Assert.AreEqual(table.Rows[i].Slope, summary.Slopes[i].Slope, 1e-6);
        }
    }

    [TestMethod]
    public void Summarize_TwoSamples_GivesEveryMember()
    {
        SweepCell[] cells = [.. Line("one", 2, 1, "A"), .. Line("two", -1, 0, "B")];
        var other = new HookPoint(Site.MlpIn, 3);
        SweepMeasurements measurements = new()
        {
            Cells = [.. cells.Reverse()],
            Controls = [new ControlSlopes("sweet", Point, [0.1, 0.3]), new ControlSlopes("sweet", other, [7]), new ControlSlopes("sweet", Point, [9], "other")],
            Shuffled = [new MeanSlope("sweet", "v", Point, 0.25)],
            LetterVectors = [new MeanSlope("bold", "v", Point, 5)],
            Costs = [new SweepCost("v", Point, 0.5, 9, 9), new SweepCost("v", Point, 1, 0.02, 1.1)],
        };
        CurveSummary summary = new SweepSummarizer().Summarize(measurements).Summaries.Single();

        Assert.AreEqual(0.5, summary.MeanSlope);
        Assert.AreEqual(0.5, summary.CurveSlope);
        Assert.AreEqual(1, summary.CurveR2!.Value, 1e-12);
        Assert.AreEqual(0, summary.MeanSpearman!.Value, 1e-12);
        Assert.AreEqual(0.5, summary.AntiSteerable);
        Assert.AreEqual(0.5, summary.Monotonic);
        Assert.AreSequenceEqual(Multipliers, summary.Multipliers);
        Assert.AreSequenceEqual(new[] { 0, 0.5, 1 }, summary.Curve);
        Assert.AreSequenceEqual(new[] { -1.0, 0, -1 }, summary.CurveLow);
        Assert.AreSequenceEqual(new[] { 1.0, 1, 3 }, summary.CurveHigh);
        Assert.AreEqual(-1, summary.CiLow);
        Assert.AreEqual(2, summary.CiHigh);
        Assert.AreSequenceEqual(new[] { new LetterSlope("A", 1, 2), new LetterSlope("B", 1, -1) }, summary.ByLetter);
        Assert.AreEqual(0.2, summary.ControlSlopeMean!.Value, 1e-12);
        Assert.AreEqual(Math.Sqrt(0.02), summary.ControlSlopeSd!.Value, 1e-12);
        Assert.AreEqual(0.25, summary.ShuffledSlope);
        Assert.IsNull(summary.LetterVectorSlope);
        Assert.AreEqual(0.02, summary.Kl);
        Assert.AreEqual(1.1, summary.PerplexityRatio);
    }

    [TestMethod]
    public void Summarize_SeveralDatasetsAndPoints_KeepsThemApart()
    {
        var other = new HookPoint(Site.ResidPost, 0);
        SweepCell[] cells =
        [
            .. Line("one", 2, 0), .. Line("one", 3, 0).Select(cell => cell with { Point = other }),
            .. Line("one", 4, 0).Select(cell => cell with { Dataset = "bold" }), .. Line("one", 5, 0).Select(cell => cell with { Vector = "w" }),
        ];
        SweepSummary summary = new SweepSummarizer().Summarize(new SweepMeasurements { Cells = cells });
        Assert.AreSequenceEqual(new double[] { 2, 3, 4, 5 }, summary.Summaries.Select(curve => curve.MeanSlope));
        Assert.AreSequenceEqual(new double[] { 2, 3, 4, 5 }, SampleSlopes.Means(summary.Slopes).Select(mean => mean.Value));
    }

    [TestMethod]
    public void Summarize_OneSample_HasNoInterval()
    {
        CurveSummary summary = new SweepSummarizer().Summarize(new SweepMeasurements { Cells = Line("one", 2, 1) }).Summaries.Single();
        Assert.IsNull(summary.CiLow);
        Assert.IsNull(summary.CiHigh);
        Assert.IsEmpty(summary.CurveLow);
        Assert.AreEqual(2, summary.MeanSlope);
    }

    [TestMethod]
    public void Summarize_ConstantRows_LeavesCorrelationsUndefined()
    {
        CurveSummary summary = new SweepSummarizer().Summarize(new SweepMeasurements { Cells = [.. Line("one", 0, 1), .. Line("two", 0, 2)] }).Summaries.Single();
        Assert.AreEqual(0, summary.MeanSlope);
        Assert.AreEqual(0, summary.AntiSteerable);
        Assert.IsNull(summary.CurveR2);
        Assert.IsNull(summary.MeanSpearman);
    }

    [TestMethod]
    public void Summarize_BothOrdersAsOneCluster_WidensTheInterval()
    {
        SweepCell[] cells = [.. Enumerable.Range(0, 12).SelectMany(i => Line($"{i / 2}-{i % 2}", 1 + (i / 2), 0))];
        CurveSummary alone = Summary(null);
        CurveSummary clustered = Summary((dataset, sample) => $"{dataset}/{sample[..1]}");
        Assert.AreEqual(alone.MeanSlope, clustered.MeanSlope);
        Assert.IsGreaterThan(1.2 * (alone.CiHigh!.Value - alone.CiLow!.Value), clustered.CiHigh!.Value - clustered.CiLow!.Value);

        CurveSummary Summary(Func<string, string, string>? clusterOf) =>
            new SweepSummarizer().Summarize(new SweepMeasurements { Cells = cells, ClusterOf = clusterOf }).Summaries.Single();
    }

    [TestMethod]
    public void Summarize_MissingCells_NamesThem()
    {
        SweepCell[] cells = [.. Line("one", 2, 1), .. Line("two", 1, 0).Where(cell => cell.Multiplier != 0)];
        AssertRefused(cells, "Missing: sample 'two' of 'sweet' under 'v' at mlp_in.2 with multiplier 0.");
        AssertRefused([.. cells, .. Line("three", 1, 0), .. Line("one", 1, 0).Select(cell => cell with { Vector = "w" })], "; and 2 more. Every");
        AssertRefused([.. Line("one", 2, 1), .. Line("two", 1, 0), .. Line("two", 1, 0).Select(cell => cell with { Vector = "w" })], "sample 'one' of 'sweet' under 'w'");
    }

    [TestMethod]
    public void Summarize_CellTwice_NamesIt() =>
        AssertRefused([.. Line("one", 2, 1), Cell("one", 0, 1)], "sample 'one' of 'sweet' under 'v' at mlp_in.2 with multiplier 0 is there twice");

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void Summarize_LogitThatIsNotFinite_NamesTheCell(float logit)
    {
        SweepCell[] cells = [.. Line("one", 2, 1)];
        AssertRefused([.. cells[..2], cells[2] with { PositiveLogit = logit }], "sample 'one' of 'sweet' under 'v' at mlp_in.2 with multiplier 1 has the logits");
        AssertRefused([.. cells[..2], cells[2] with { NegativeLogit = logit }], "with multiplier 1 has the logits");
    }

    [TestMethod]
    public void Summarize_NoCellsOrOneMultiplier_IsRefused()
    {
        AssertRefused([], "no cells");
        AssertRefused([Cell("one", 0, 1), Cell("two", 0, 1)], "a slope needs at least two different multipliers");
    }

    internal static SweepCell[] Line(string sample, double slope, double intercept, string letter = "A") =>
        [.. Multipliers.Select(multiplier => Cell(sample, multiplier, intercept + (slope * multiplier), letter))];

    private static SweepCell Cell(string sample, double multiplier, double propensity, string letter = "A") =>
        new("sweet", sample, "test", letter, "v", Point, multiplier, (float)propensity, 0);

    private static void AssertRefused(SweepCell[] cells, string fragment)
    {
        EvalException failure = Assert.ThrowsExactly<EvalException>(() => new SweepSummarizer().Summarize(new SweepMeasurements { Cells = cells }));
        Assert.Contains(fragment, failure.Message);
    }
}
