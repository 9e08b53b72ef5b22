using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class BundleSelfTestTests
{
    /// <summary>The library reads logits itself on the CPU; other devices and programs run the read-outs, so the test does too.</summary>
    [TestMethod]
    public void Run_AReadOutThatDoesNotLoad_IsFound()
    {
        using var folder = new TempFolder();
        string path = folder["bundle"];
        BundleExporter.Export(FixtureCheckpoints.Get("llama").Folder, path, new ExportOptions { Weights = WeightsMode.Link });
        BundleManifest manifest = LensBundle.Open(path).Manifest;
        string file = manifest.Head.File;
        ModelProto head = OnnxModelFile.Parse(File.ReadAllBytes(Path.Combine(path, file)), file);
        head.Graph.Node.Single(node => node.OpType == "TopK").OpType = "NoSuchOperator";
        File.WriteAllBytes(Path.Combine(path, file), head.ToByteArray());
        FileEntry changed = LensBundle.Describe(path, file, manifest.Files.Single(entry => entry.Name == file).Role);
        LensBundle.WriteManifest(path, manifest with { Files = [.. manifest.Files.Select(entry => entry.Name == file ? changed : entry)] });

        InferenceException refusal = Assert.ThrowsExactly<InferenceException>(() => BundleSelfTest.Run(LensBundle.Open(path)));
        Assert.Contains(file, refusal.Message);
    }
}
