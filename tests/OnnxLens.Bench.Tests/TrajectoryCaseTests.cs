using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bench.Ways;

namespace OnnxLens.Bench.Tests;

/// <summary>What is compared with what, and which figures are held to a bound.</summary>
[TestClass]
public sealed class TrajectoryCaseTests
{
    private const string Uncached = "deferred lens ÷ row by row without KV cache, speed";
    private const string Bf16 = "weights stored in bf16: ";

    [TestMethod]
    [DataRow(64, null)]
    [DataRow(256, 10.0)]
    [DataRow(1500, 41.0)]
    public void Figures_WithoutCache_HaveOneBoundForEveryFormOfWeights(int tokens, double? limit)
    {
        Figure[] figures = [.. Case(tokens).Figures()];
        Assert.AreEqual(limit, Named(figures, Uncached).Bound?.Limit);
        Assert.AreEqual(limit, Named(figures, Bf16 + Uncached).Bound?.Limit);
    }

    [TestMethod]
    public void Figures_WeightsStoredInBf16_CompareWaysWithSuchWeightsAndThePlainGraphAsItsUsersHaveIt()
    {
        Figure[] figures = [.. Case(256).Figures()];
        Assert.AreEqual(15, Named(figures, Bf16 + Uncached).Value.Median, 1e-9);
        Assert.AreEqual(6, Named(figures, Bf16 + "deferred lens ÷ row by row with KV cache, speed").Value.Median, 1e-9);
        Assert.AreEqual(1.2, Named(figures, Bf16 + "captures ÷ generation, time").Value.Median, 1e-9);
        Assert.AreEqual(0.5, Named(figures, Bf16 + "deferred lens ÷ generation without it, speed").Value.Median, 1e-9);
        Assert.AreEqual(8, Named(figures, Bf16 + "generation ÷ one plain graph, speed").Value.Median, 1e-9);
        Assert.AreEqual(0.7, Named(figures, "generation ÷ one plain graph, its weights repacked, speed").Value.Median, 1e-9);
        Assert.AreEqual(5, Named(figures, "weights stored in bf16 ÷ fp32, captures and deferred lens, speed").Value.Median, 1e-9);
    }

    [TestMethod]
    public void Figures_CapturesOfSampledRuns_SayFromHowManySteps()
    {
        Figure figure = Named([.. Case(256).Figures()], Bf16 + "captures ÷ generation, time");
        Assert.AreEqual(4, figure.MeasuredSteps);
        Assert.AreEqual(1.02, figure.Bound?.Limit);
    }

    [TestMethod]
    public void Figures_PromptAlone_HaveNoWayWithoutCache()
    {
        TrajectoryCase prompt = Case(1);
        Figure[] figures =
            [.. (prompt with { Groups = [.. prompt.Groups.Select(group => group.RemoveRange(group.Keys.Where(way => way.RunsSequenceAgain)))] }).Figures()];
        Assert.DoesNotContain(Bf16 + Uncached, figures.Select(figure => figure.Name));
        Assert.AreEqual(2.5, Named(figures, Bf16 + "deferred lens ÷ row by row with KV cache, speed").Bound?.Limit);
    }

    /// <summary>Ours takes 10 s, of it 5 for the lens; with weights stored in bf16 a fifth. The rest is set so that each ratio is another.</summary>
    private static TrajectoryCase Case(int tokens)
    {
        var seconds = new Dictionary<Way, double[]>
        {
            [AllWays.Ours] = [0, 0, 5, 5],
            [AllWays.RowsUncached] = [0, 0, 50, 0],
            [AllWays.Plain] = [0, 0, 8, 0],
            [AllWays.PlainRepacked] = [0, 0, 14, 0],
            [AllWays.OursBf16] = [0, 0, 1.2, 0.8],
            [AllWays.GenerationBf16] = [0, 0, 1, 0],
            [AllWays.RowsBf16] = [0, 0, 12, 0],
            [AllWays.RowsUncachedBf16] = [0, 0, 30, 0],
        };
        return new TrajectoryCase(
            "job", $"T = {tokens}", 32, tokens, 16,
            [
                .. AllWays.Groups.Select((group, i) => group.ToImmutableDictionary(
                    way => way, way => new[] { Times(way, [.. seconds.GetValueOrDefault(way, [0, 0, 20, 0]).Select(time => time * (i + 1))]) })),
            ],
            [Times(AllWays.Ours, [0, 0, 0, 4])]);
    }

    /// <summary>One step of each phase, and of ways with weights in another form than as mapped one of ten.</summary>
    private static PhaseTimes Times(Way way, double[] seconds) =>
        new([.. seconds.Select(_ => StepSample.Of(way.Name.Split('-')[^1] == "bf16" ? 10 : 1, 1))], seconds);

    private static Figure Named(Figure[] figures, string name) => figures.Single(figure => figure.Name == name);
}
