using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>What a run promises, over each way in which an exporter's graph keeps keys and values: shared, growing, scattered, not at all.</summary>
[TestClass]
public sealed class InstrumentedRunTests : IDisposable
{
    private const double Rounding = 2e-5;
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
            Closeness.AssertRows(Rows(alone, points, 0, prompts[row].Length + 1), Rows(batch, points, row, prompts[row].Length + 1), Rounding, $"row {row}");
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), Rounding * 5, $"logits of row {row}");
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
        float[][] steered = Rows(run, points, 0, Prompt.Length);
        for (int i = 0; i < plain.Length; i++)
        {
            if (i % Prompt.Length < Prompt.Length - 1)
            {
                Assert.AreSequenceEqual(plain[i], steered[i], $"{points[i / Prompt.Length]} at {i % Prompt.Length}");
            }
        }
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
        return Rows(run, points, 0, run.Tokens().Count);
    }

    private static float[][] Rows(ModelRun run, ImmutableArray<HookPoint> points, int sequence, int length) =>
    [
        .. from point in points
           from position in Enumerable.Range(0, length)
           select Read(run, point, sequence, position),
    ];

    private static float[] Read(ModelRun run, HookPoint point, int sequence, int position)
    {
        float[] row = new float[64];
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
