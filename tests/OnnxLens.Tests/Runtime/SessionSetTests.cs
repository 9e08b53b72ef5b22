using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

/// <summary>Graphs are loaded at once; what is told of them must not depend on which was first.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SessionSetTests : IDisposable
{
    private const string Ids = "\"input_ids\": \"input_ids\"";
    private const string Head = "\"file\": \"lm_head.onnx\"";

    private readonly TempFolder _folder = new();
    private readonly string _manifest;

    public SessionSetTests()
    {
        BundleExporter.Export(FixtureCheckpoints.Get("llama").Folder, _folder["bundle"], new ExportOptions { Shards = 2, Weights = WeightsMode.Link });
        _manifest = Path.Combine(_folder["bundle"], BundleManifest.FileName);
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(true, true, "'shard-0.onnx' does not fit its manifest: it has no input or output 'no_ids'")]
    [DataRow(true, false, "'shard-0.onnx' does not fit its manifest: it has no input or output 'no_ids'")]
    [DataRow(false, true, "'shard-1.onnx' of the bundle")]
    public void Open_GraphsThatDoNotFit_TellsOfTheFirstAndLeavesNothing(bool shard, bool head, string expected)
    {
        string json = File.ReadAllText(_manifest);
        Assert.Contains(Ids, json);
        Assert.Contains(Head, json);
        json = shard ? json.Replace(Ids, "\"input_ids\": \"no_ids\"", StringComparison.Ordinal) : json;
        File.WriteAllText(_manifest, head ? json.Replace(Head, "\"file\": \"shard-1.onnx\"", StringComparison.Ordinal) : json);
        int before = DeviceBuffer.LiveCount;
        for (int i = 0; i < 5; i++)
        {
            Assert.Contains(expected, Assert.ThrowsExactly<BundleException>(() => LensModel.Open(_folder["bundle"]).Dispose()).Message);
        }

        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }
}
