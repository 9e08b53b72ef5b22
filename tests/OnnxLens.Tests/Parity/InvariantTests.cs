using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;
using OnnxLens.Testing;
using OnnxLens.Tests.Runtime.Products;

namespace OnnxLens.Tests.Parity;

/// <summary>What must not change a single bit of a result, and what may change it by rounding only, on every family.</summary>
[TestClass]
public sealed class InvariantTests
{
    private const double Tolerance = 1e-4;
    private const int Length = 19;
    private const int Prompt = 14;

    public static IEnumerable<object[]> FixturesAndShards => ReferenceParityTests.FixturesAndShards;

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Run_InShards_IsBitEqualToOneShard(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel one = Invariants.Open(fixture, 1);
        using LensModel many = Invariants.Open(fixture, shards);
        var expected = Invariants.Run(one, tokens, Prompt);
        var actual = Invariants.Run(many, tokens, Prompt);
        Invariants.AssertSameBits(expected.Sites, actual.Sites, name);
        Invariants.AssertSameBits(expected.Last, actual.Last, $"{name} logits");
    }

    [TestMethod]
    [StoredProductsCondition]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_AnyThreads_IsBitEqual(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel one = Invariants.Open(fixture, 2, options => options with { Threads = 1 });
        var expected = Invariants.Run(one, tokens, Prompt);
        foreach (int threads in (int[])[2, 3, 5])
        {
            using LensModel many = Invariants.Open(fixture, 2, options => options with { Threads = threads });
            var actual = Invariants.Run(many, tokens, Prompt);
            Invariants.AssertSameBits(expected.Sites, actual.Sites, $"{name}, {threads} threads");
            Invariants.AssertSameBits(expected.Last, actual.Last, $"{name} logits, {threads} threads");
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Run_WithoutCapture_IsBitEqualToWithCapture(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel captured = Invariants.Open(fixture, shards);
        using LensModel plain = Invariants.Open(fixture, shards, options => options with { Capture = [] });
        float[] expected = Invariants.Run(plain, tokens, Prompt, HookSpec.None).Last;
        Invariants.AssertSameBits(expected, Invariants.Run(captured, tokens, Prompt).Last, $"{name}: all sites captured");
        Invariants.AssertSameBits(expected, Invariants.Run(captured, tokens, Prompt, HookSpec.None).Last, $"{name}: capturable, not captured");
    }

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Run_ZeroVector_IsBitEqualToNoVector(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, shards);
        var expected = Invariants.Run(model, tokens, Prompt);
        HookSpec hooks = TestBundles.CaptureAll(model) with
        {
            Steer =
            [
                .. HookSpec.Points([Site.AttnIn, Site.MlpIn, Site.ResidPost], Enumerable.Range(0, model.Facts.Layers))
                    .Select(point => new SteeringOperation(point, [.. new float[model.Facts.HiddenSize]]) { Positions = SteeringPositions.All }),
            ],
        };
        var actual = Invariants.Run(model, tokens, Prompt, hooks);
        Invariants.AssertSameBits(expected.Sites, actual.Sites, name);
        Invariants.AssertSameBits(expected.Last, actual.Last, $"{name} logits");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    [StoredProductsCondition]
    public void Run_TokenByToken_IsBitEqualToPrefill(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, 2);
        var whole = Invariants.Run(model, tokens, Length);
        var steps = Invariants.Run(model, tokens, 1);
        Invariants.AssertSameBits(whole.Sites, steps.Sites, name);
        Invariants.AssertSameBits(whole.Last, steps.Last, $"{name} logits");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_InChunks_IsBitEqualToAtOnce(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel whole = Invariants.Open(fixture, 2);
        using LensModel chunked = Invariants.Open(fixture, 2, options => options with { ChunkLength = 8 });
        var expected = Invariants.Run(whole, tokens, Length - 1);
        var actual = Invariants.Run(chunked, tokens, Length - 1);
        Invariants.AssertSameBits(expected.Sites, actual.Sites, name);
        Invariants.AssertSameBits(expected.Last, actual.Last, $"{name} logits");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    [StoredProductsCondition]
    public void Run_InABatch_IsBitEqualToAlone(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[][] prompts = [fixture.Tokens(Length), fixture.Tokens(7), fixture.Tokens(12)[3..]];
        foreach (int chunkLength in new[] { 64, 8 })
        {
            using LensModel model = Invariants.Open(fixture, 2, options => options with { ChunkLength = chunkLength });
            using ModelRun batch = model.Begin(TestBundles.CaptureAll(model), Length + 2, prompts.Length);
            batch.Prefill(prompts);
            batch.Step([5, 6, 7]);
            batch.Step([8, 9, 10]);
            for (int row = 0; row < prompts.Length; row++)
            {
                var alone = Invariants.Run(model, [.. prompts[row], 5 + row, 8 + row], prompts[row].Length);
                Invariants.AssertSameBits(alone.Sites, Invariants.Sites(model, batch, row), $"{name} row {row} chunks of {chunkLength}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Rewind_ThenRun_IsBitEqualToNeverRun(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, 2);
        var expected = Invariants.Run(model, tokens, Prompt);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        run.Prefill(tokens.AsSpan(0, Prompt));
        for (int step = 0; step < Length - Prompt; step++)
        {
            run.Step([step + 1]);
        }

        run.Rewind(Prompt);
        Assert.AreEqual(Prompt, run.Captures.Length());
        foreach (int token in tokens.AsSpan(Prompt))
        {
            run.Step([token]);
        }

        Invariants.AssertSameBits(expected.Sites, Invariants.Sites(model, run), name);
        Invariants.AssertSameBits(expected.Last, run.Logits(), $"{name} logits");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Decode_LastLayer_IsTheModelsOwnLogits(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        run.Prefill(tokens);
        int last = model.Facts.Layers - 1;
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest
        {
            Points = [new HookPoint(Site.ResidPost, last)],
            Positions = [.. Enumerable.Range(0, Length)],
            TopK = model.Facts.VocabularySize,
        });
        float[][] logits = Invariants.Logits(model, run);
        for (int position = 0; position < Length; position++)
        {
            ReadOnlySpan<int> ids = grid.TopIdsOf(0, position);
            for (int k = 0; k < ids.Length; k++)
            {
                float lens = grid.TopLogProbsOf(0, position)[k] + grid.LogSumExp[position];
                Assert.AreEqual(logits[position][ids[k]], lens, 1e-5f, $"{name} position {position} id {ids[k]}");
            }

            Assert.AreEqual(0, grid.KlFinalLens[position], 1e-6f, $"{name} KL at {position}");
        }

        Closeness.AssertClose<float, float>(logits[^1], run.Logits(), 2e-5, $"{name} sampled logits");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Decode_InSmallCalls_IsTheSameAsInLargeOnes(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel large = Invariants.Open(fixture, 1);
        using LensModel small = Invariants.Open(fixture, 1, options => options with { HeadMemoryBytes = 3 * LmHeadSession.BytesPerRow(large.Facts.VocabularySize, DeviceKind.Cpu, ElementType.Float) });
        Assert.AreEqual(3, small.Head.MaxRows);
        LensGrid expected = Grid(large, tokens);
        LensGrid actual = Grid(small, tokens);
        Closeness.AssertClose<float, float>(expected.TopLogProbs, actual.TopLogProbs, 1e-5, "top-k");
        Closeness.AssertClose<float, float>(expected.KlFinalLens, actual.KlFinalLens, 1e-5, "KL");
        Closeness.AssertClose<float, float>(expected.Entropy, actual.Entropy, 1e-5, "entropy");
        Closeness.AssertClose<float, float>(expected.NextLogProbs, actual.NextLogProbs, 1e-5, "next");
    }

    [TestMethod]
    public void Run_OtherThreadCount_IsBitEqual()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int[] tokens = fixture.Tokens(Length);
        using LensModel one = Invariants.Open(fixture, 2, options => options with { Threads = 1 });
        using LensModel two = Invariants.Open(fixture, 2, options => options with { Threads = 2 });
        var expected = Invariants.Run(one, tokens, Prompt);
        var actual = Invariants.Run(two, tokens, Prompt);
        Invariants.AssertSameBits(expected.Sites, actual.Sites, "threads");
        Invariants.AssertSameBits(expected.Last, actual.Last, "threads");
    }

    private static LensGrid Grid(LensModel model, int[] tokens)
    {
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        return LensDecoder.Decode(model, run, new LensRequest { Points = run.Captures.Points, Positions = [.. Enumerable.Range(0, tokens.Length)], TopK = 3 });
    }
}
