using System.Text.Json;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class ProvenanceJsonTests
{
    [TestMethod]
    public void Serialize_Everything_HasTheFixedKeysAndValues()
    {
        using var json = JsonDocument.Parse(ProvenanceJson.Serialize(Samples.Provenance));
        JsonElement root = json.RootElement;

        CollectionAssert.AreEqual(
            new[] { "tool", "folder", "bundle_hash", "precision", "quantization", "devices", "tokenizer_hash", "steering", "prompt", "prompt_ids", "generated_ids", "stop_reason", "sampling", "seed", "candidates", "positions" },
            root.EnumerateObject().Select(member => member.Name).ToArray());
        Assert.AreEqual("onnxlens 0.1.0", root.GetProperty("tool").GetString());
        Assert.AreEqual("bundles/demo", root.GetProperty("folder").GetString());
        Assert.AreEqual(Samples.Provenance.Prompt, root.GetProperty("prompt").GetString());
        Assert.AreEqual("[0,1,2]", root.GetProperty("prompt_ids").GetRawText());
        Assert.AreEqual("[\"cpu\",\"cuda:1\"]", root.GetProperty("devices").GetRawText());
        Assert.AreEqual(ulong.MaxValue, root.GetProperty("seed").GetUInt64());
    }

    [TestMethod]
    public void Serialize_Unknown_IsNull()
    {
        using var json = JsonDocument.Parse(ProvenanceJson.Serialize(Samples.Provenance with { Folder = null, Prompt = null, Seed = null, Steering = [] }));

        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("folder").ValueKind);
        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("prompt").ValueKind);
        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("seed").ValueKind);
        Assert.AreEqual(0, json.RootElement.GetProperty("steering").GetArrayLength());
    }
}
