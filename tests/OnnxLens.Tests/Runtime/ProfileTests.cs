using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Rowwise;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;
using OnnxLens.Tests.Runtime.Products;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class ProfileTests
{
    [TestMethod]
    public void Dispose_WithAProfileFolder_LeavesATraceOfEveryGraph()
    {
        using var folder = new TempFolder();
        using (LensModel model = Invariants.Open(FixtureCheckpoints.Get("llama"), 2, options => options with { ProfileFolder = folder.Path }))
        using (ModelRun run = model.Begin(HookSpec.None, 4))
        {
            run.Prefill([1, 2, 3]);
            run.Logits();
        }

        foreach (string graph in (string[])["shard-0", "shard-1", "lm_head"])
        {
            string file = Directory.EnumerateFiles(folder.Path, graph + "*.json").Single();
            using JsonDocument trace = JsonDocument.Parse(File.ReadAllBytes(file));
            Assert.IsTrue(trace.RootElement.EnumerateArray().Any(Ran), $"{file} names no node that ran.");
        }
    }

    /// <summary>Weights are multiplied as they are stored, by every graph: the proof is what ran.</summary>
    [TestMethod]
    [StoredProductsCondition]
    [DataRow("llama-large-bf16")]
    [DataRow("qwen2-large-fp16")]
    [DataRow("qwen3-large")]
    public void Dispose_LargeWeights_TheTraceHasTheirProducts(string name)
    {
        using var folder = new TempFolder();
        using (LensModel model = Invariants.Open(
            FixtureCheckpoints.Get(name), 3, options => options with { ProfileFolder = folder.Path, Threads = 1 }))
        using (ModelRun run = model.Begin(HookSpec.None, 4))
        {
            run.Prefill([1, 2, 3]);
            run.Logits();
        }

        foreach ((string graph, int nodes) in ((string, int)[])[("shard-0", 4), ("shard-1", 4), ("shard-2", 4), ("lm_head", 1)])
        {
            Assert.AreEqual(nodes, Count(folder, graph, StoredOperator.TypeName), graph);

            // A block has two norms, and two of its heads where the family has them; what is left of additions is the residual stream's.
            bool isBlock = graph != "lm_head";
            Assert.AreEqual(isBlock ? name.StartsWith("qwen3", StringComparison.Ordinal) ? 4 : 2 : 1, Count(folder, graph, RmsNormOperator.TypeName), graph);
            Assert.AreEqual(isBlock ? 1 : 0, Count(folder, graph, GatedSiluOperator.TypeName), graph);
            Assert.AreEqual(0, Count(folder, graph, "SimplifiedLayerNormalization") + Count(folder, graph, "Sigmoid") + Count(folder, graph, "QuickGelu"), graph);
        }
    }

    /// <summary>Quantised weights too, in blocks that our products have; others are ONNX Runtime's.</summary>
    [TestMethod]
    [StoredProductsCondition]
    [DataRow(4, 32, 4, 0)]
    [DataRow(8, 256, 4, 0)]
    [DataRow(4, 16, 0, 7)]
    public void Dispose_QuantizedWeights_TheTraceHasTheirProducts(int bits, int blockSize, int stored, int left)
    {
        using var folder = new TempFolder();
        Quantization form = QuantizationForms.Default(bits) with { BlockSize = blockSize };
        BundleExporter.Export(FixtureCheckpoints.Get("qwen3-large").Folder, folder["bundle"], new ExportOptions { Quantization = form, Weights = WeightsMode.Reference });
        using (LensModel model = LensModel.Open(folder["bundle"], new LensModelOptions { ProfileFolder = folder.Path, Threads = 1 }))
        using (ModelRun run = model.Begin(HookSpec.None, 4))
        {
            run.Prefill([1, 2, 3]);
        }

        Assert.AreEqual(3 * stored, Count(folder, "shard-0", StoredOperator.TypeName));
        Assert.AreEqual(3 * left, Count(folder, "shard-0", "MatMulNBits"));
    }

    private static int Count(TempFolder folder, string graph, string type)
    {
        using JsonDocument trace = JsonDocument.Parse(File.ReadAllBytes(Directory.EnumerateFiles(folder.Path, graph + "*.json").Single()));
        return trace.RootElement.EnumerateArray().Count(entry => Ran(entry) && entry.GetProperty("args").GetProperty("op_name").GetString() == type);
    }

    private static bool Ran(JsonElement entry) =>
        entry.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("op_name", out _) && args.GetProperty("provider").GetString() == "CPUExecutionProvider";
}
