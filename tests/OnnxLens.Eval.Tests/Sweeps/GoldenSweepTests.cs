using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Sweeps;

/// <summary>The sweep from dataset file to statistics, against transformers and scipy.</summary>
[TestClass]
public sealed class GoldenSweepTests
{
    private const double Tolerance = 2e-4;

    [TestMethod]
    [DataRow(1, Branching.Shared)]
    [DataRow(4, Branching.Shared)]
    [DataRow(2, Branching.Replicated)]
    public void Run_TestPairs_AreThePropensitiesOfTransformers(int shards, Branching branching)
    {
        PairSet test = SteeringEvalCase.Pairs("test");
        ImmutableArray<SweepCell> cells = Sweep(test, shards, branching);
        float[][] expected = SteeringEvalCase.Tensors.Rows("propensity");
        int multipliers = MultiplierGrid.Default.Length;
        for (int row = 0; row < expected.Length; row++)
        {
            double[] actual = [.. cells.AsSpan(row * multipliers, multipliers).ToArray().Select(cell => cell.Propensity)];
            Closeness.AssertClose<float, double>(expected[row], actual, Tolerance, $"row {row}");
        }
    }

    [TestMethod]
    public void Run_TestPairs_HaveTheStatisticsOfScipy()
    {
        PairSet test = SteeringEvalCase.Pairs("test");
        SweepSummary summary = SweepAnalysis.Of(Sweep(test, 1, Branching.Shared), [], [test], new BootstrapOptions());
        JsonElement golden = SteeringEvalCase.Json("propensity.json");
        JsonElement expected = golden.GetProperty("summary");
        CurveSummary actual = summary.Summaries.Single();
        Assert.AreEqual(expected.GetProperty("mean_slope").GetDouble(), actual.MeanSlope, Tolerance);
        Assert.AreEqual(expected.GetProperty("anti_steerable").GetDouble(), actual.AntiSteerable);
        double[] curve = [.. expected.GetProperty("mean_curve").EnumerateArray().Select(value => value.GetDouble())];
        Closeness.AssertClose<double, double>(curve, [.. actual.Curve], Tolerance, "curve");
        double[] ends = [.. expected.GetProperty("mean_slope_ci").EnumerateArray().Select(value => value.GetDouble())];
        double[] spreads = [.. expected.GetProperty("mean_slope_ci_spread").EnumerateArray().Select(value => value.GetDouble())];
        Assert.AreEqual(ends[0], actual.CiLow!.Value, 5 * spreads[0]);
        Assert.AreEqual(ends[1], actual.CiHigh!.Value, 5 * spreads[1]);
        JsonElement[] samples = [.. golden.GetProperty("samples").EnumerateArray()];
        Assert.HasCount(samples.Length, summary.Slopes);
        for (int i = 0; i < samples.Length; i++)
        {
            Assert.AreEqual(samples[i].GetProperty("slope").GetDouble(), summary.Slopes[i].Slope, Tolerance);
            Assert.AreEqual(samples[i].GetProperty("spearman").GetDouble(), summary.Slopes[i].Spearman!.Value, 1e-9);
        }
    }

    private static ImmutableArray<SweepCell> Sweep(PairSet pairs, int shards, Branching branching)
    {
        var plan = new SweepPlan
        {
            Vectors = [new SweepVector("mean", SteeringEvalCase.Point, [.. SteeringEvalCase.Tensors.Singles("mean_difference")])],
            Multipliers = MultiplierGrid.Default,
        };
        using LensModel model = SteeringEvalCase.Open(plan.ModelOptions(new LensModelOptions { Branching = branching, MaxBranches = 5 }), shards);
        var runner = new SweepRunner(model, plan);
        ImmutableArray<SweepCell> cells = [.. pairs.Pairs.SelectMany(pair => runner.Run(pairs.Name, pair))];
        Assert.AreEqual(plan.AdditionsPerSample * pairs.Pairs.Length, runner.AdditionsMade);
        return cells;
    }
}
