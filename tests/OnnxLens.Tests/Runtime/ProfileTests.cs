using System.Text.Json;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;
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

    /// <summary>Weights are multiplied as they are stored, by every graph; those of 16 bits repacked or not: the proof is what ran.</summary>
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

        foreach ((string graph, int products) in ((string, int)[])[("shard-0", 7), ("shard-1", 7), ("shard-2", 7), ("lm_head", 1)])
        {
            string file = Directory.EnumerateFiles(folder.Path, graph + "*.json").Single();
            using JsonDocument trace = JsonDocument.Parse(File.ReadAllBytes(file));
            Assert.AreEqual(products, trace.RootElement.EnumerateArray().Count(entry => Ran(entry) && entry.GetProperty("args").GetProperty("op_name").GetString() == StoredOperator.TypeName), graph);
        }
    }

    private static bool Ran(JsonElement entry) =>
        entry.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("op_name", out _) && args.GetProperty("provider").GetString() == "CPUExecutionProvider";
}
