using System.Text.Json;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

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

    private static bool Ran(JsonElement entry) =>
        entry.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("op_name", out _) && args.GetProperty("provider").GetString() == "CPUExecutionProvider";
}
