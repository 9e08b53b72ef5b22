using System.Text.Json;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>Public ONNX folders with figures that their makers published.</summary>
[TestClass]
public sealed class PublicFoldersTests : IDisposable
{
    private const string Half = "data/onnx/tiny-random-LlamaForCausalLM-fp16";
    private const string Scatter = "data/onnx/static-scatter-bias-decoder";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void ModelBuilderHalf_Greedy_GivesThePublishedIds(int shards)
    {
        using LensModel model = Open(Half, shards);
        foreach (JsonElement example in Golden(Half, "golden_greedy.json").GetProperty("cases").EnumerateArray())
        {
            int[] prompt = Ids(example.GetProperty("input_ids"));
            int[] expected = Ids(example.GetProperty("expected"));
            using ModelRun run = model.Begin(HookSpec.None, expected.Length);
            run.Prefill(prompt);
            while (run.Tokens().Count < expected.Length)
            {
                run.Step([System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(run.Logits())]);
            }

            Assert.AreSequenceEqual(expected, run.Tokens().ToArray());
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void StaticScatter_PrefillAndDecode_GiveThePublishedFigures(int shards)
    {
        using LensModel model = Open(Scatter, shards);
        JsonElement golden = Golden(Scatter, "golden.json");
        double tolerance = golden.GetProperty("tolerance").GetDouble();
        using ModelRun run = model.Begin(HookSpec.None, 16);
        run.Prefill(Ids(golden.GetProperty("prefill").GetProperty("tokens")));
        Check(run, golden.GetProperty("prefill"), "last_argmax", "last_logits_sum", tolerance);
        run.Step(Ids(golden.GetProperty("decode").GetProperty("tokens")));
        Check(run, golden.GetProperty("decode"), "argmax", "logits_sum", tolerance);
    }

    private static void Check(ModelRun run, JsonElement golden, string argmax, string sum, double tolerance)
    {
        ReadOnlySpan<float> logits = run.Logits();
        Assert.AreEqual(golden.GetProperty(argmax).GetInt32(), System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits));
        Assert.AreEqual(golden.GetProperty(sum).GetDouble(), System.Numerics.Tensors.TensorPrimitives.Sum<float>(logits), tolerance);
    }

    private LensModel Open(string folder, int shards)
    {
        BundleInstrumenter.Instrument(SharedData.Require(folder), _folder["bundle"], new InstrumentOptions { Shards = shards });
        return LensModel.Open(_folder["bundle"]);
    }

    private static JsonElement Golden(string folder, string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.Require(folder), file)));
        return document.RootElement.Clone();
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
