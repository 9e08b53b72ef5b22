using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>Bundles made of other programs' graphs, against what those graphs and the reference library gave: sites, logits, steered logits, greedy ids.</summary>
[TestClass]
public sealed class ParityTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The folders that the CPU runs.</summary>
    public static IEnumerable<object[]> Folders => OnnxExports.Runnable.Select(name => new object[] { name });

    /// <summary>Folders that compute in fp16.</summary>
    private static bool IsHalf(string name) => name.Contains("fp16", StringComparison.Ordinal) || name.Contains("f16", StringComparison.Ordinal) || name.Contains("int4-cuda", StringComparison.Ordinal);

    /// <summary>
    /// Folders whose products round activations to int8 in ONNX Runtime. By its kernel, which the processor decides, numbers come to lie on one side
    /// of a half or the other: without VNNI, activations differ from the golden ones by up to 0.08 and logits by up to 0.15. Rounding itself moves them by 0.2 to 0.5.
    /// </summary>
    private static bool IsRounded(string name) =>
        (name.Contains("int4", StringComparison.Ordinal) || name.Contains("-q4", StringComparison.Ordinal))
        && !(OnnxExports.Facts(name).TryGetProperty("logits_max_abs_diff_to_hf_with_dequantised_weights", out JsonElement difference) && difference.GetDouble() < 1e-3);

    /// <summary>The figures of the folders: of logits where nothing is rounded to less than fp32, else of fp16 and of products with rounded activations.</summary>
    private static double Tolerance(string name) => name switch
    {
        _ when IsHalf(name) => 0.05,
        _ when IsRounded(name) => 0.2,
        _ when name.Contains("int8", StringComparison.Ordinal) || name.Contains("-q8", StringComparison.Ordinal) => 0.05,
        _ => 1e-4,
    };

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Bundle_SitesAndLogits_AreTheGoldenOnes(string name)
    {
        var golden = new GoldenTensors(Path.Combine(OnnxExports.Folder(name), "golden.safetensors"));
        GoldenCase checkpoint = OnnxExports.Checkpoint(name);
        int[] tokens = golden.Ids("tokens");
        (float[][] sites, float[][] logits) one = Run(name, 1, tokens, []);
        (float[][] sites, float[][] logits) two = Run(name, 2, tokens, []);
        double tolerance = Tolerance(name);
        ImmutableArray<HookPoint> points = Points(checkpoint.Checkpoint.Architecture.Facts);
        for (int i = 0; i < points.Length; i++)
        {
            // A folder that equals the reference library has no activations of its own beside it.
            string stored = CaptureBuffer.Stored(points[i]).ToString();
            bool own = golden.Has(stored);
            float[] expected = own ? golden.Singles(stored) : checkpoint.Tensors.Singles(stored);
            Closeness.AssertClose<float, float>(expected, one.sites[i], own ? tolerance : 1e-4, $"{name} {points[i]}");
        }

        float[] goldenLogits = golden.Singles("logits");
        float[] all = [.. one.logits.SelectMany(row => row)];
        Closeness.AssertClose<float, float>(goldenLogits, all.AsSpan(all.Length - goldenLogits.Length), tolerance, $"{name} logits");
        if (OnnxExports.MovesBits(name))
        {
            Closeness.AssertRows(one.logits, two.logits, tolerance, $"{name} two shards");
            return;
        }

        for (int i = 0; i < points.Length; i++)
        {
            Assert.AreSequenceEqual(one.sites[i], two.sites[i], $"{points[i]} in two shards");
        }

        for (int i = 0; i < tokens.Length; i++)
        {
            Assert.AreSequenceEqual(one.logits[i], two.logits[i], $"logits {i} in two shards");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Bundle_Steered_GivesTheGoldenLogits(string name)
    {
        var golden = new GoldenTensors(Path.Combine(OnnxExports.Folder(name), "golden.safetensors"));
        GoldenCase checkpoint = OnnxExports.Checkpoint(name);
        int[] tokens = golden.Ids("tokens");
        bool own = golden.Has("steered.attn_in.1.all");
        if (!own)
        {
            foreach (GoldenSteering steered in checkpoint.Steered())
            {
                Check(name, tokens, steered.Point, [.. checkpoint.SteeringVector.Select(value => (float)(value * steered.Multiplier))], [.. steered.LogitsAll.SelectMany(row => row)], 1e-4);
            }

            return;
        }

        foreach (string site in (string[])["attn_in", "mlp_in", "resid_post"])
        {
            Check(name, tokens, HookPoint.Parse($"{site}.1"), [.. checkpoint.SteeringVector], golden.Singles($"steered.{site}.1.all"), Tolerance(name));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void Bundle_Greedy_GivesTheGoldenIds(string name)
    {
        JsonElement facts = OnnxExports.Facts(name);
        int[] expected = [.. facts.GetProperty("greedy_ort").EnumerateArray().Select(id => id.GetInt32())];
        int[] tokens = new GoldenTensors(Path.Combine(OnnxExports.Folder(name), "golden.safetensors")).Ids("tokens");
        foreach (int shards in (int[])[1, 2])
        {
            using LensModel model = Open(name, shards, []);
            using ModelRun run = model.Begin(HookSpec.None, tokens.Length + expected.Length);
            run.Prefill(tokens);
            foreach (int id in expected)
            {
                int top = IndexOfMax(run.Logits());
                if (!IsRounded(name) || run.Logits()[top] - run.Logits()[id] >= 2 * Tolerance(name))
                {
                    Assert.AreEqual(id, top, $"after {run.Tokens().Count} tokens, {shards} shards"); // Else the processor's rounding decides which comes first.
                }

                run.Step([id]);
            }
        }
    }

    private void Check(string name, int[] tokens, HookPoint point, ImmutableArray<float> vector, float[] expected, double tolerance)
    {
        (_, float[][] logits) = Run(name, 2, tokens, [new SteeringOperation(point, vector) { Positions = SteeringPositions.All }]);
        float[] all = [.. logits.SelectMany(row => row)];
        Closeness.AssertClose<float, float>(expected, all.AsSpan(all.Length - expected.Length), tolerance, $"{name} steered at {point}");
    }

    private (float[][] Sites, float[][] Logits) Run(string name, int shards, int[] tokens, ImmutableArray<SteeringOperation> steer)
    {
        ModelFacts facts = Bundle(name, shards).Manifest.Model;
        ImmutableArray<HookPoint> points = Points(facts);
        using LensModel model = Open(name, shards, points);
        using ModelRun run = model.Begin(new HookSpec { Capture = points, Steer = steer }, tokens.Length);
        run.Prefill(tokens);
        float[][] sites = [.. points.Select(point => Rows(run, point, tokens.Length, facts.HiddenSize))];
        var reader = new LogitsReader(model, run);
        return (sites, [.. Enumerable.Range(0, tokens.Length).Select(position => reader.Read(position).ToArray())]);
    }

    private static float[] Rows(ModelRun run, HookPoint point, int length, int width)
    {
        float[] rows = new float[length * width];
        for (int position = 0; position < length; position++)
        {
            run.Captures.Read(point, 0, position, rows.AsSpan(position * width, width));
        }

        return rows;
    }

    private LensModel Open(string name, int shards, ImmutableArray<HookPoint> capture) =>
        LensModel.Open(Bundle(name, shards), new LensModelOptions { Capture = capture });

    private LensBundle Bundle(string name, int shards)
    {
        string path = _folder[$"{name}-{shards}"];
        if (!Directory.Exists(path))
        {
            BundleInstrumenter.Instrument(OnnxExports.Folder(name), path, OnnxExports.Options(name) with { Shards = shards });
        }

        return LensBundle.Open(path);
    }

    private static ImmutableArray<HookPoint> Points(ModelFacts facts) => HookSpec.Points(Sites.All, Enumerable.Range(0, facts.Layers));

    private static int IndexOfMax(ReadOnlySpan<float> values) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(values);
}
