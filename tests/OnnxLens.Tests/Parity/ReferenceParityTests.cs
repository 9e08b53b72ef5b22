using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>The exported graphs, run by the pipeline, against the plain reference decoder, on made-up checkpoints of every family.</summary>
[TestClass]
public sealed class ReferenceParityTests
{
    private const double Tolerance = 1e-4;
    private const int Length = 21;

    public static IEnumerable<object[]> FixturesAndShards =>
        FixtureCheckpoints.Names.SelectMany(name => new[] { 1, 2, 3, 0 }, (name, shards) => new object[] { name, shards });

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Run_EverySiteAndLogits_AreTheReference(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        ReferenceRun expected = fixture.Reference.Run(tokens);
        using LensModel model = Invariants.Open(fixture, shards);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        run.Prefill(tokens);
        Invariants.AssertReference(expected, model, run, Tolerance, name);
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Decode_EverySite_IsTheReferenceLens(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        int[] targets = [3, tokens[0]];
        ReferenceRun expected = fixture.Reference.Run(tokens);
        using LensModel model = Invariants.Open(fixture, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        run.Prefill(tokens);
        LensGrid grid = LensDecoder.Decode(
            model, run, new LensRequest { Points = run.Captures.Points, Positions = [0, 5, Length - 1], TopK = 4, Targets = [.. targets] }, following: 7);
        ReferenceLens lens = fixture.Reference.Lens;
        int last = model.Facts.Layers - 1;
        for (int point = 0; point < grid.Points.Length; point++)
        {
            for (int i = 0; i < grid.Positions.Length; i++)
            {
                int position = grid.Positions[i];
                HookPoint hook = grid.Points[point];
                ReferenceReadout readout = lens.Read<double>(expected.Rows(hook.Site, hook.Layer)[position]);
                ReferenceReadout final = lens.Read<double>(expected.Rows(Site.ResidPost, last)[position]);
                AssertCell(grid, point, i, readout, final, targets, position + 1 < Length ? tokens[position + 1] : 7, $"{name} {hook} {position}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Generate_Greedy_IsTheReference(string name)
    {
        const int newTokens = 12;
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length + newTokens);
        GenerationResult result = TextGenerator.Generate(run, tokens, new GenerationOptions { MaxNewTokens = newTokens });
        Assert.AreSequenceEqual(fixture.Reference.Greedy(tokens, newTokens).ToArray(), result.GeneratedIds.ToArray());
        Assert.AreEqual(Length + newTokens - 1, run.Captures.Length());
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_Steered_IsTheReference(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        float[] vector = fixture.SteeringVector();
        using LensModel model = Invariants.Open(fixture, 2);
        foreach (Site site in new[] { Site.AttnIn, Site.MlpIn, Site.ResidPost })
        {
            var point = new HookPoint(site, 1);
            ReferenceRun expected = fixture.Reference.Run(tokens, ReferenceSteering.Add(point, vector, 1, [4, 9]));
            using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Steer = [new SteeringOperation(point, [.. vector]) { Positions = SteeringPositions.At(4, 9) }] }, Length);
            run.Prefill(tokens);
            run.RequireSteeringApplied();
            Assert.AreEqual(2, run.SteeringApplied);
            Invariants.AssertReference(expected.Rows(site, 1), TestBundles.Rows(model, run, point), Tolerance, $"{name} {point}");
            Invariants.AssertReference(expected.Logits, Invariants.Logits(model, run), Tolerance, $"{name} steered logits");
        }
    }

    private static void AssertCell(
        LensGrid grid, int point, int index, ReferenceReadout expected, ReferenceReadout final, int[] targets, int next, string what)
    {
        int cell = grid.CellIndex(point, index);
        Assert.AreEqual(expected.LogSumExp, grid.LogSumExp[cell], Tolerance, what);
        Assert.AreEqual(expected.Entropy, grid.Entropy[cell], Tolerance, what);
        Assert.AreEqual(final.KlTo(expected), grid.KlFinalLens[cell], Tolerance, what);
        Assert.AreEqual(expected.LogProbs[next], grid.NextLogProbs[cell], Tolerance, what);
        int[] top = expected.TopIds(grid.TopK);
        for (int k = 0; k < top.Length; k++)
        {
            // Ids may swap where their logits are within rounding; the log-probabilities may not differ.
            Assert.AreEqual(expected.LogProbs[top[k]], grid.TopLogProbsOf(point, index)[k], Tolerance, what);
            Assert.AreEqual(expected.LogProbs[grid.TopIdsOf(point, index)[k]], grid.TopLogProbsOf(point, index)[k], Tolerance, what);
        }

        for (int t = 0; t < targets.Length; t++)
        {
            Assert.AreEqual(expected.LogProbs[targets[t]], grid.TargetLogProbs[(cell * targets.Length) + t], Tolerance, what);
            AssertRank(expected, targets[t], grid.TargetRanks[(cell * targets.Length) + t], what);
        }

        AssertRank(expected, next, grid.NextRanks[cell], what);
    }

    /// <summary>The rank must be one that the token has when logits within rounding of its own count on either side.</summary>
    private static void AssertRank(ReferenceReadout expected, int id, int rank, string what)
    {
        int least = expected.Logits.Count(logit => logit > expected.Logits[id] + Tolerance);
        int most = expected.Logits.Count(logit => logit > expected.Logits[id] - Tolerance) - 1;
        Assert.IsInRange(least, most, rank, what);
    }
}
