using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>What a run promises, over each way in which an exporter's graph keeps keys and values: shared, growing, scattered, not at all.</summary>
[TestClass]
public sealed class InstrumentedRunTests : IDisposable
{
    private const double Rounding = 3e-5;
    private static readonly int[] Prompt = [17, 300, 5, 41, 260, 9, 88, 131, 54, 77, 210];

    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> Kinds => new[]
    {
        "genai-fp32-qwen2-bias", "genai0.5.2-fp32-cuda-mha-llama-gqa", "mobius-default-llama-gqa", "mobius-static-qwen3-tied", "optimum-fp32-qwen3-tied",
        "torch-dynamo-llama-gqa",
    }.Select(name => new object[] { name });

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Prefill_InChunksAndSteps_EqualsOneRun(string name)
    {
        float[][] whole = Rows(name, run => run.Prefill(Prompt), new LensModelOptions());
        float[][] chunks = Rows(name, run => run.Prefill(Prompt), new LensModelOptions { ChunkLength = 4 });
        float[][] steps = Rows(name, run =>
        {
            run.Prefill(Prompt.AsSpan(0, 6));
            for (int i = 6; i < Prompt.Length; i++)
            {
                run.Step([Prompt[i]]);
            }
        }, new LensModelOptions());
        Closeness.AssertRows(whole, chunks, Rounding, "chunks");
        Closeness.AssertRows(whole, steps, Rounding, "steps");
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Rewind_ThenOtherTokens_EqualsAFreshRun(string name)
    {
        int[] other = [.. Prompt.AsSpan(0, 5), 7, 8, 9];
        float[][] fresh = Rows(name, run => run.Prefill(other), new LensModelOptions());
        float[][] rewound = Rows(name, run =>
        {
            run.Prefill(Prompt.AsSpan(0, 8));
            run.Step([1]);
            run.Rewind(5);
            foreach (int token in other.AsSpan(5))
            {
                run.Step([token]);
            }
        }, new LensModelOptions());
        Closeness.AssertRows(fresh, rewound, Rounding, name);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Batch_OfPromptsOfDifferentLengths_EqualsEachAlone(string name)
    {
        int[][] prompts = [Prompt, Prompt[..4], Prompt[2..9]];
        int[] next = [3, 30, 300];
        ImmutableArray<HookPoint> points = Points(name);
        using LensModel model = Open(name, new LensModelOptions { Capture = points });
        using ModelRun batch = model.Begin(new HookSpec { Capture = points }, 16, prompts.Length);
        batch.Prefill(prompts);
        batch.Step(next);
        for (int row = 0; row < prompts.Length; row++)
        {
            using ModelRun alone = model.Begin(new HookSpec { Capture = points }, 16);
            alone.Prefill(prompts[row]);
            alone.Step([next[row]]);
            Closeness.AssertRows(Rows(alone, points, 0, prompts[row].Length + 1, model.Facts.HiddenSize), Rows(batch, points, row, prompts[row].Length + 1, model.Facts.HiddenSize), Rounding, $"row {row}");
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), Rounding * 5, $"logits of row {row}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    [DataRow("genai-int4-llama-gqa")]
    public void LensBatch_OfPromptsOfDifferentLengths_IsEachAloneInEveryBit(string name)
    {
        ImmutableArray<HookPoint> points = Points(name);
        using LensModel model = Open(name, new LensModelOptions { Capture = points, Threads = 1, ChunkLength = 8 });
        int[][] prompts = [Prompt, Prompt[..1], Prompt[..4], Prompt[2..9], Prompt[3..8], Prompt[..2], Prompt[5..6]];
        LensInput[] inputs = [.. prompts.Select((prompt, i) => new LensInput($"{i}", [.. prompt], new LensRequest { Points = points, Positions = [.. Enumerable.Range(0, prompt.Length)] }))];
        foreach (LensBatchResult result in LensBatch.Run(model, inputs, new LensBatchOptions { MicroBatchTokens = 21, InFlight = 3 }))
        {
            using ModelRun alone = model.Begin(new HookSpec { Capture = result.Input.Request.Captured(model.Facts) }, result.Input.Tokens.Length);
            alone.Prefill(result.Input.Tokens.AsSpan());
            LensGrid grid = LensDecoder.Decode(model, alone, result.Input.Request);
            Assert.AreSequenceEqual(grid.LogSumExp, result.Grid.LogSumExp, $"{name}, prompt {result.Index}");
            Assert.AreSequenceEqual(grid.TopLogProbs, result.Grid.TopLogProbs, $"{name}, prompt {result.Index}");
            Assert.AreSequenceEqual(grid.TopIds, result.Grid.TopIds, $"{name}, prompt {result.Index}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Branch_Steered_EqualsAWholeRunOfEach(string name)
    {
        ImmutableArray<HookPoint> points = Points(name);
        ModelFacts facts = Bundle(name).Manifest.Model;
        var vector = ImmutableArray.CreateRange(Enumerable.Range(0, facts.HiddenSize).Select(i => MathF.Sin(i)));
        SteeringOperation[] operations = [new(HookPoint.Parse("attn_in.1"), vector), new(HookPoint.Parse("resid_post.2"), vector), new(HookPoint.Parse("mlp_in.0"), vector)];
        using LensModel model = Open(name, new LensModelOptions { Capture = points, Branching = Branching.Shared });
        using ModelRun prefix = model.Begin(HookSpec.None, 16);
        prefix.Prefill(Prompt);
        using BranchStep step = prefix.Branch([new Branch(4, []), .. operations.Select(operation => new Branch(4, [operation]))], points);
        using LensModel plain = Open(name, new LensModelOptions { Capture = points });
        for (int branch = 0; branch <= operations.Length; branch++)
        {
            ImmutableArray<SteeringOperation> steer = branch == 0 ? [] : [operations[branch - 1] with { Positions = SteeringPositions.At(Prompt.Length) }];
            using ModelRun whole = plain.Begin(new HookSpec { Capture = points, Steer = steer }, 16);
            whole.Prefill([.. Prompt, 4]);
            float[] expected = new float[facts.HiddenSize];
            float[] actual = new float[facts.HiddenSize];
            foreach (HookPoint point in points)
            {
                whole.Captures.Read(point, 0, Prompt.Length, expected);
                step.Read(point, branch, actual);
                Closeness.AssertClose<float, float>(expected, actual, 1e-4, $"{model.Branching} branch {branch} {point}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Branch_OneRowAtATime_EqualsAllTogether(string name)
    {
        ImmutableArray<HookPoint> points = Points(name);
        float[] vector = [.. Enumerable.Range(0, Bundle(name).Manifest.Model.HiddenSize).Select(i => MathF.Cos(i))];
        ImmutableArray<Branch> branches = [new(4, []), new(4, [new SteeringOperation(HookPoint.Parse("mlp_in.0"), [.. vector])]), new(9, [])];
        float[][] together = Branched(Bundle(name));
        BundleManifest manifest = Bundle(name).Manifest;
        LensBundle.WriteManifest(_folder[name], manifest with { Cache = manifest.Cache with { SingleRow = true } });
        Closeness.AssertRows(together, Branched(LensBundle.Open(_folder[name])), Rounding, name);

        float[][] Branched(LensBundle bundle)
        {
            using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points, Branching = Branching.Replicated });
            using ModelRun run = model.Begin(HookSpec.None, 16);
            run.Prefill(Prompt);
            using BranchStep step = run.Branch(branches, points);
            float[][] rows = [.. points.SelectMany(_ => branches).Select(_ => new float[model.Facts.HiddenSize])];
            for (int i = 0; i < rows.Length; i++)
            {
                step.Read(points[i / branches.Length], i % branches.Length, rows[i]);
            }

            return rows;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Step_CancelledAndRunAgain_EqualsAnUndisturbedRun(string name)
    {
        ImmutableArray<HookPoint> points = Points(name);
        using LensModel model = Open(name, new LensModelOptions { Capture = points, ChunkLength = 4 });
        using ModelRun calm = model.Begin(new HookSpec { Capture = points }, 16);
        using ModelRun disturbed = model.Begin(new HookSpec { Capture = points }, 16);
        int[] first = Prompt[..6];
        calm.Prefill(first);
        Assert.Throws<OperationCanceledException>(() => disturbed.Prefill(first, new CancellationToken(canceled: true)));
        disturbed.Prefill(first);
        for (int i = first.Length; i < Prompt.Length; i++)
        {
            int token = Prompt[i];
            calm.Step([token]);
            Assert.Throws<OperationCanceledException>(() => disturbed.Step([token], new CancellationToken(canceled: true)));
            for (int spins = 1; disturbed.Tokens().Count == i; spins = spins < 1 << 16 ? spins * 4 : 1)
            {
                StepOrCancel(disturbed, token, spins);
            }

            Assert.AreSequenceEqual(calm.Logits().ToArray(), disturbed.Logits().ToArray(), $"{name} logits after {i}");
        }

        float[][] expected = Rows(calm, points, 0, Prompt.Length, model.Facts.HiddenSize);
        float[][] actual = Rows(disturbed, points, 0, Prompt.Length, model.Facts.HiddenSize);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreSequenceEqual(expected[i], actual[i], $"{name} {points[i / Prompt.Length]} at {i % Prompt.Length}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Step_SteadyState_AllocatesLittle(string name)
    {
        const int warm = 20;
        const int measured = 100;
        ImmutableArray<HookPoint> points = Points(name);
        using LensModel model = Open(name, new LensModelOptions { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, Math.Min(model.Facts.MaxLength, warm + measured + 3));
        run.Prefill([1, 2, 3]);
        int[] token = [4];
        int steps = Math.Min(measured, run.Cache.Capacity - warm - 3);
        Assert.IsGreaterThan(20, steps);
        for (int i = 0; i < warm; i++)
        {
            run.Step(token);
            _ = run.Logits();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < steps; i++)
        {
            run.Step(token);
            _ = run.Logits();
        }

        long perStep = (GC.GetAllocatedBytesForCurrentThread() - before) / steps;
        Assert.IsLessThan(run.Cache.Kind == CacheKind.None ? 4 * 1024 : 2 * 1024, perStep, "A step that runs the whole sequence again has inputs of another length each time.");
    }

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("genai-fp32-qwen2-bias")]
    [DataRow("mobius-cpu-genai-qwen2-bias")]
    [DataRow("genai-int4-llama-gqa")]
    public void Open_AttentionOfTheModelBuilder_BranchesWithoutCopies(string name)
    {
        using LensModel model = Open(name, new LensModelOptions { Branching = Branching.Shared });
        Assert.AreEqual(Branching.Shared, model.Branching);
    }

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("optimum-fp32-llama-gqa")]
    [DataRow("mobius-default-llama-gqa")]
    public void Operators_AtEverySite_DoWhatTheySay(string name)
    {
        ModelFacts facts = Bundle(name).Manifest.Model;
        float[] unit = [.. Enumerable.Range(0, facts.HiddenSize).Select(i => MathF.Cos(i))];
        ImmutableArray<HookPoint> points = Points(name);
        foreach (string text in (string[])["attn_in.1", "mlp_in.1", "resid_post.1", $"resid_post.{facts.Layers - 1}"])
        {
            var point = HookPoint.Parse(text);
            var ablate = new SteeringOperation(point, [.. unit]) { Operator = SteeringOperator.Ablate, Positions = SteeringPositions.All };
            var keep = new SteeringOperation(point, [.. unit]) { Operator = SteeringOperator.AddKeepingNorm, Positions = SteeringPositions.All };
            float[] before = Row(name, points, point, []);
            float[] ablated = Row(name, points, point, [ablate]);
            float[] kept = Row(name, points, point, [keep]);
            Assert.AreEqual(0, Dot(ablated, unit) / EuclideanNorm.Of(unit), 1e-4, $"{text} ablated");
            Assert.AreEqual(EuclideanNorm.Of(before), EuclideanNorm.Of(kept), 1e-4 * EuclideanNorm.Of(before), $"{text} kept");
            float[] expected = [.. before.Select((value, i) => value + unit[i])];
            double scale = EuclideanNorm.Of(before) / EuclideanNorm.Of(expected);
            Closeness.AssertClose<double, float>([.. expected.Select(value => value * scale)], kept, 1e-4, $"{text} add and keep the norm");
        }
    }

    [TestMethod]
    [DataRow("genai-fp32-llama-gqa")]
    [DataRow("optimum-fp32-llama-gqa")]
    public void Operators_ReachingNoPosition_LeaveEveryBitAlone(string name)
    {
        ImmutableArray<HookPoint> points = Points(name);
        var operation = new SteeringOperation(HookPoint.Parse("resid_post.1"), [.. Enumerable.Repeat(1f, Bundle(name).Manifest.Model.HiddenSize)])
        {
            Operator = SteeringOperator.AddKeepingNorm,
            Positions = SteeringPositions.At(Prompt.Length - 1),
        };
        using LensModel model = Open(name, new LensModelOptions { Capture = points, Steer = [operation] });
        using ModelRun run = model.Begin(new HookSpec { Capture = points, Steer = [operation] }, 16);
        run.Prefill(Prompt);
        float[][] plain = Rows(name, other => other.Prefill(Prompt), new LensModelOptions());
        float[][] steered = Rows(run, points, 0, Prompt.Length, model.Facts.HiddenSize);
        for (int i = 0; i < plain.Length; i++)
        {
            if (i % Prompt.Length < Prompt.Length - 1)
            {
                Assert.AreSequenceEqual(plain[i], steered[i], $"{points[i / Prompt.Length]} at {i % Prompt.Length}");
            }
        }
    }

    /// <summary>Takes a step that another thread cancels a little later.</summary>
    private static void StepOrCancel(ModelRun run, int token, int spins)
    {
        using var source = new CancellationTokenSource();
        var cancel = new Thread(() =>
        {
            Thread.SpinWait(spins);
            source.Cancel();
        });
        cancel.Start();
        try
        {
            run.Step([token], source.Token);
        }
        catch (OperationCanceledException)
        {
            // As if it had not been.
        }

        cancel.Join();
    }

    private float[] Row(string name, ImmutableArray<HookPoint> points, HookPoint point, ImmutableArray<SteeringOperation> steer)
    {
        using LensModel model = Open(name, new LensModelOptions { Capture = points, Steer = steer });
        using ModelRun run = model.Begin(new HookSpec { Capture = points, Steer = steer }, 16);
        run.Prefill(Prompt);
        float[] row = new float[model.Facts.HiddenSize];
        run.Captures.Read(point, 0, 3, row);
        return row;
    }

    private static double Dot(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();

    private float[][] Rows(string name, Action<ModelRun> act, LensModelOptions options)
    {
        ImmutableArray<HookPoint> points = Points(name);
        using LensModel model = Open(name, options with { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, 16);
        act(run);
        return Rows(run, points, 0, run.Tokens().Count, model.Facts.HiddenSize);
    }

    private static float[][] Rows(ModelRun run, ImmutableArray<HookPoint> points, int sequence, int length, int hiddenSize) =>
    [
        .. from point in points
           from position in Enumerable.Range(0, length)
           select Read(run, point, sequence, position, hiddenSize),
    ];

    private static float[] Read(ModelRun run, HookPoint point, int sequence, int position, int hiddenSize)
    {
        float[] row = new float[hiddenSize];
        run.Captures.Read(point, sequence, position, row);
        return row;
    }

    private ImmutableArray<HookPoint> Points(string name) => HookSpec.Points(Sites.All, Enumerable.Range(0, Bundle(name).Manifest.Model.Layers));

    private LensModel Open(string name, LensModelOptions options) => LensModel.Open(Bundle(name), options);

    private LensBundle Bundle(string name)
    {
        string path = _folder[name];
        if (!Directory.Exists(path))
        {
            BundleInstrumenter.Instrument(OnnxExports.Folder(name), path, OnnxExports.Options(name) with { Shards = 2 });
        }

        return LensBundle.Open(path);
    }
}
