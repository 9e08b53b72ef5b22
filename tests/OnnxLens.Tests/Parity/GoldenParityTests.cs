using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>The exported graphs, run by the pipeline, against what Hugging Face transformers computed in fp32.</summary>
[TestClass]
public sealed class GoldenParityTests
{
    private const double Tolerance = 1e-4;

    /// <summary>Every case in 1, 2, 3 and as many shards as it has layers.</summary>
    public static IEnumerable<object[]> CasesAndShards =>
        GoldenCases.Names.SelectMany(name => new[] { 1, 2, 3, 0 }, (name, shards) => new object[] { name, shards });

    [TestMethod]
    [DynamicData(nameof(CasesAndShards))]
    public void Run_EverySiteAndLogits_AreTransformers(string name, int shards)
    {
        GoldenCase golden = GoldenCases.Require(name);
        using LensModel model = Open(golden, shards);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), golden.Tokens.Length);
        run.Prefill(golden.Tokens);
        foreach (HookPoint point in run.Captures.Points)
        {
            Closeness.AssertRows(golden.Tensors.Rows(point.ToString()), TestBundles.Rows(model, run, point), Tolerance, $"{name} {point}");
        }

        var logits = new LogitsReader(model, run);
        float[][] expected = golden.Tensors.Rows("logits");
        for (int position = 0; position < expected.Length; position++)
        {
            Closeness.AssertClose<float, float>(expected[position], logits.Read(position), Tolerance, $"{name} logits {position}");
        }

        Closeness.AssertClose<float, float>(expected[^1], run.Logits(), Tolerance, $"{name} last logits");
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Decode_EveryLayer_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        using LensModel model = Open(golden, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), golden.Tokens.Length);
        run.Prefill(golden.Tokens);
        int length = golden.Tokens.Length;
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest
        {
            Points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, model.Facts.Layers)),
            Positions = [.. Enumerable.Range(0, length)],
            TopK = 10,
        });

        Assert.AreSequenceEqual(golden.Tensors.Ids("lens.topk_ids"), grid.TopIds);
        Closeness.AssertClose<float, float>(golden.Tensors.Singles("lens.topk_logprobs"), grid.TopLogProbs, Tolerance, "top-k");
        Closeness.AssertClose<float, float>(golden.Tensors.Singles("lens.logsumexp"), grid.LogSumExp, Tolerance, "logsumexp");
        Closeness.AssertClose<float, float>(golden.Tensors.Singles("lens.entropy"), grid.Entropy, Tolerance, "entropy");
        Closeness.AssertClose<float, float>(golden.Tensors.Singles("lens.kl_final_lens"), grid.KlFinalLens, Tolerance, "KL");
        Closeness.AssertClose<float, float>(golden.Tensors.Singles("lens.next_logprob"), WithoutLast(grid.NextLogProbs, length), Tolerance, "next");
        Assert.AreSequenceEqual(golden.Tensors.Ids("lens.next_rank"), WithoutLast(grid.NextRanks, length));
        Assert.AreEqual(0, grid.UndefinedCells);
    }

    [TestMethod]
    [DynamicData(nameof(CasesAndShards))]
    public void Generate_Greedy_IsTransformers(string name, int shards)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] expected = golden.Tensors.Ids("greedy_ids");
        using LensModel model = Open(golden, shards);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), golden.Tokens.Length + expected.Length);
        GenerationResult result = TextGenerator.Generate(run, golden.Tokens, new GenerationOptions { MaxNewTokens = expected.Length });
        Assert.AreSequenceEqual(expected, result.GeneratedIds.ToArray());
        Assert.AreEqual(StopReason.MaxNewTokens, result.StopReason);
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Prefill_RaggedBatch_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] lengths = golden.Tensors.Ids("ragged_lengths");
        int[][] prompts = [.. golden.Tensors.Ids("ragged_tokens").Chunk(lengths.Max()).Select((row, i) => row[..lengths[i]])];
        int[][] greedy = [.. golden.Tensors.Ids("ragged_greedy").Chunk(8)];
        float[][] expected = golden.Tensors.Rows("ragged_logits");
        using LensModel model = Open(golden, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), lengths.Max() + greedy[0].Length, prompts.Length);
        run.Prefill(prompts);
        for (int row = 0; row < prompts.Length; row++)
        {
            var logits = new LogitsReader(model, run, row);
            for (int position = 0; position < lengths[row]; position++)
            {
                Closeness.AssertClose<float, float>(expected[(row * lengths.Max()) + position], logits.Read(position), Tolerance, $"{name} row {row} position {position}");
            }
        }

        for (int step = 0; step < greedy[0].Length; step++)
        {
            int[] tokens = [.. Enumerable.Range(0, prompts.Length).Select(row => System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(run.Logits(row)))];
            Assert.AreSequenceEqual(greedy.Select(row => row[step]).ToArray(), tokens);
            run.Step(tokens);
        }
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Run_Steered_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        using LensModel model = Open(golden, 3);
        int last = golden.Tokens.Length - 1;
        foreach (GoldenSteering steered in golden.Steered())
        {
            float[] vector = [.. golden.SteeringVector.Select(value => (float)(value * steered.Multiplier))];
            float[][] all = Logits(model, golden.Tokens, new SteeringOperation(steered.Point, [.. vector]) { Positions = SteeringPositions.All }, golden.Tokens.Length);
            Closeness.AssertRows(steered.LogitsAll, all, Tolerance, $"{name} {steered.Point} × {steered.Multiplier}");
            float[][] atLast = Logits(model, golden.Tokens, new SteeringOperation(steered.Point, [.. vector]) { Positions = SteeringPositions.At(last) }, 1);
            Closeness.AssertRows(steered.LogitsLast, atLast[^2..], Tolerance, $"{name} {steered.Point} × {steered.Multiplier} at the last position");
        }
    }

    [TestMethod]
    [DataRow("llama31-rope")]
    public void Run_LongSequenceInChunks_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] tokens = golden.Tensors.Ids("long_tokens");
        using LensModel model = TestBundles.Open(golden.CheckpointFolder, 2, options => options with { ChunkLength = 37 });
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        float[][] expected = golden.Tensors.Rows("long_logits");
        var logits = new LogitsReader(model, run);
        int first = tokens.Length - expected.Length;
        for (int i = 0; i < expected.Length; i++)
        {
            Closeness.AssertClose<float, float>(expected[i], logits.Read(first + i), Tolerance, $"{name} long logits {first + i}");
        }
    }

    private static float[][] Logits(LensModel model, int[] tokens, SteeringOperation steer, int additions)
    {
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Steer = [steer] }, tokens.Length);
        run.Prefill(tokens);
        run.RequireSteeringApplied();
        Assert.AreEqual(additions, run.SteeringApplied);
        var logits = new LogitsReader(model, run);
        return [.. Enumerable.Range(0, tokens.Length).Select(position => logits.Read(position).ToArray())];
    }

    private static LensModel Open(GoldenCase golden, int shards) =>
        TestBundles.Open(golden.CheckpointFolder, shards == 0 ? golden.Checkpoint.Architecture.Facts.Layers : shards);

    private static T[] WithoutLast<T>(T[] cells, int length) => [.. cells.Where((_, i) => i % length != length - 1)];
}
