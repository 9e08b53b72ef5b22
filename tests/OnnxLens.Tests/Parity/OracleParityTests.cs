using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>The pipeline against implementations other than transformers, and on a model that was really trained.</summary>
[TestClass]
public sealed class OracleParityTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void Run_Stories260K_IsTransformers(int shards)
    {
        string folder = SharedData.Require("golden/stories260K-hf");
        GoldenTensors tensors = new(Path.Combine(folder, "golden.safetensors"));
        using LensModel model = TestBundles.Open(folder, shards);
        foreach ((int index, JsonElement prompt) in ReadJson(Path.Combine(folder, "golden.json")).GetProperty("prompts").EnumerateArray().Index())
        {
            int[] ids = Ids(prompt.GetProperty("ids"));
            int[] greedy = Ids(prompt.GetProperty("greedy_ids"));
            using ModelRun run = model.Begin(TestBundles.CaptureAll(model), ids.Length + greedy.Length);
            GenerationResult result = TextGenerator.Generate(run, ids, new GenerationOptions { MaxNewTokens = greedy.Length });
            Assert.AreSequenceEqual(greedy, result.GeneratedIds.ToArray());
            AssertRows(tensors.Singles($"{index}.embed"), TestBundles.Rows(model, run, new HookPoint(Site.ResidPre, 0))[..ids.Length], "embedding");
            AssertRows(tensors.Singles($"{index}.logits"), Invariants.Logits(model, run)[..ids.Length], "logits");
            for (int layer = 0; layer < model.Facts.Layers; layer++)
            {
                AssertRows(tensors.Singles($"{index}.resid_post.{layer}"), TestBundles.Rows(model, run, new HookPoint(Site.ResidPost, layer))[..ids.Length], $"layer {layer}");
            }

            AssertLens(tensors.Singles($"{index}.lens_probs"), model, run, ids.Length);
        }
    }

    [TestMethod]
    public void Run_Stories260K_IsLlama2C()
    {
        string folder = SharedData.Require("golden/stories260K-hf");
        string oracle = SharedData.Require("data/golden_logits/oracle/stories260K_llama2c");
        int[] tokens = Ids(ReadJson(Path.Combine(oracle, "manifest.json")).GetProperty("tokens"));
        using LensModel model = TestBundles.Open(folder, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        float[][][] layers = [.. Enumerable.Range(0, model.Facts.Layers).Select(layer => TestBundles.Rows(model, run, new HookPoint(Site.ResidPost, layer)))];
        AssertRows(ReadSingles(Path.Combine(oracle, "residual.f32")), [.. Enumerable.Range(0, tokens.Length).SelectMany(position => layers.Select(rows => rows[position]))], "residual");
        AssertRows(ReadSingles(Path.Combine(oracle, "logits.f32")), Invariants.Logits(model, run), "logits");
    }

    [TestMethod]
    public void Run_TinyQwen3_IsLlamaCpp()
    {
        string folder = SharedData.Require("data/models/mlxd/tiny_qwen3");
        string oracle = SharedData.Require("data/golden_logits/oracle/tiny_qwen3_llamacpp");
        int[] tokens = Ids(ReadJson(Path.Combine(oracle, "manifest.json")).GetProperty("tokens"));
        using LensModel model = TestBundles.Open(folder, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        AssertRows(ReadSingles(Path.Combine(oracle, "l_out-0.f32")), TestBundles.Rows(model, run, new HookPoint(Site.ResidPost, 0)), "layer 0");
        AssertRows(ReadSingles(Path.Combine(oracle, "l_out-1.f32")), TestBundles.Rows(model, run, new HookPoint(Site.ResidPost, 1)), "layer 1");
        AssertRows(ReadSingles(Path.Combine(oracle, "result_output.f32")), Invariants.Logits(model, run), "logits");
    }

    /// <summary>Probabilities of the whole vocabulary, [1 + layers, positions, V]; row 0 is the embedding.</summary>
    private static void AssertLens(float[] expected, LensModel model, ModelRun run, int length)
    {
        int vocabulary = model.Facts.VocabularySize;
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest
        {
            Points = [new HookPoint(Site.ResidPre, 0), .. HookSpec.Points([Site.ResidPost], Enumerable.Range(0, model.Facts.Layers))],
            Positions = [.. Enumerable.Range(0, length)],
            TopK = vocabulary,
        });
        for (int cell = 0; cell < grid.LogSumExp.Length; cell++)
        {
            float[] probabilities = new float[vocabulary];
            for (int k = 0; k < vocabulary; k++)
            {
                probabilities[grid.TopIds[(cell * vocabulary) + k]] = MathF.Exp(grid.TopLogProbs[(cell * vocabulary) + k]);
            }

            Closeness.AssertClose<float, float>(expected.AsSpan(cell * vocabulary, vocabulary), probabilities, Tolerance, $"cell {cell}");
        }
    }

    private static void AssertRows(float[] expected, float[][] actual, string what) =>
        Closeness.AssertClose<float, float>(expected, actual.SelectMany(row => row).ToArray(), Tolerance, what);

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];

    private static float[] ReadSingles(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

    private static JsonElement ReadJson(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
