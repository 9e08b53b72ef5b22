using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>What a quantised export writes, links, says and refuses.</summary>
[TestClass]
public sealed class QuantizedExportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Export_Blocks_QuantisesProjectionsAndLeavesTheRestLinked()
    {
        BundleManifest manifest = Export(FixtureCheckpoints.Get("llama").Folder, "bundle", new ExportOptions { Quantization = QuantizationForms.Default(4) }).Manifest;
        Assert.AreSequenceEqual([QuantizationForms.Default(4)], manifest.Quantization.ToArray());
        Assert.AreEqual("fp32", manifest.Precision);
        Assert.AreEqual(FileRole.Weights, manifest.Files.Single(file => file.Name == QuantizationPlan.FileName).Role);
        ModelProto shard = Graph("bundle", manifest.Shards[0].File);
        Assert.AreEqual(4 * 7, shard.Graph.Node.Count(node => node.OpType == "MatMulNBits"));
        Assert.AreEqual(1, shard.Graph.Node.Count(node => node.OpType == "Gather"));
        Assert.IsFalse(shard.Graph.Node.Any(node => node.OpType == "FusedMatMul"));
        Assert.AreEqual(1, Graph("bundle", manifest.Head.File).Graph.Node.Count(node => node.OpType == "FusedMatMul"));
    }

    [TestMethod]
    [DataRow("llama", 16)]
    [DataRow("qwen2", 15)]
    public void Export_All_QuantisesEmbeddingAndHead_OnceWhereTheyAreTied(string fixture, int tensors)
    {
        FixtureCheckpoint checkpoint = FixtureCheckpoints.Get(fixture);
        BundleManifest manifest = Export(checkpoint.Folder, "bundle", new ExportOptions { Quantization = QuantizationForms.Default(8), QuantizationScope = QuantizationScope.All }).Manifest;
        ModelProto shard = Graph("bundle", manifest.Shards[0].File);
        ModelProto head = Graph("bundle", manifest.Head.File);
        Assert.AreEqual(1, shard.Graph.Node.Count(node => node.OpType == "GatherBlockQuantized"));
        Assert.AreEqual(1, head.Graph.Node.Count(node => node.OpType == "MatMulNBits"));
        Assert.HasCount(1, manifest.Quantization);
        var plan = new QuantizationPlan(checkpoint.Checkpoint, manifest.Quantization[0], QuantizationScope.All, ElementType.Float);
        Assert.HasCount(tensors - 14 + (4 * 7), plan.Tensors);
        ExternalData table = Data(shard, "model.embed_tokens.weight.q8");
        ExternalData unembedding = Data(head, checkpoint.Checkpoint.Architecture.Facts.TiedEmbedding ? "model.embed_tokens.weight.q8" : "lm_head.weight.q8");
        Assert.AreEqual(checkpoint.Checkpoint.Architecture.Facts.TiedEmbedding, table == unembedding);
    }

    [TestMethod]
    public void Export_FileThatHoldsNothingButQuantisedWeights_IsNotLinked()
    {
        RandomCheckpoint.Write(_folder["checkpoint"], new RandomCheckpointOptions { MaxShardBytes = 60_000 });
        ExportReport report = Export(_folder["checkpoint"], "bundle", new ExportOptions { Quantization = QuantizationForms.Default(4), Shards = 2 });
        string[] all = [.. Directory.GetFiles(_folder["checkpoint"], "*.safetensors").Select(path => Path.GetFileName(path))];
        string[] linked = [.. report.Manifest.Files.Select(file => file.Name).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal))];
        Assert.IsNotEmpty(linked);
        Assert.IsLessThan(all.Length, linked.Length);
        foreach (string file in all.Except(linked))
        {
            Assert.IsTrue(SafetensorsHeader.Read(_folder[$"checkpoint/{file}"]).Tensors.Keys.All(name => name.EndsWith("_proj.weight", StringComparison.Ordinal)), file);
            File.Delete(_folder[$"checkpoint/{file}"]);
        }

        using LensModel model = LensModel.Open(_folder["bundle"]);
        using ModelRun run = model.Begin(HookSpec.None, 4);
        run.Prefill([1, 2, 3]);
        Assert.IsTrue(run.Logits().ToArray().All(float.IsFinite));
    }

    [TestMethod]
    [DataRow(4, true)]
    [DataRow(8, false)]
    public void Export_TinyShape_Runs(int bits, bool symmetric)
    {
        RandomCheckpoint.Write(_folder["checkpoint"], new RandomCheckpointOptions { HiddenSize = 24, Heads = 3, KvHeads = 1, HeadDim = 8, IntermediateSize = 20, VocabularySize = 17 });
        foreach (int blockSize in new[] { 16, 256 })
        {
            var options = new ExportOptions { Quantization = Forms.Of(bits, blockSize, symmetric, level: 4), QuantizationScope = QuantizationScope.All, Shards = 2 };
            Export(_folder["checkpoint"], $"bundle-{blockSize}", options);
            using LensModel model = LensModel.Open(_folder[$"bundle-{blockSize}"]);
            using ModelRun run = model.Begin(HookSpec.None, 4);
            run.Prefill([1, 16, 3]);
            Assert.IsTrue(run.Logits().ToArray().All(float.IsFinite));
        }
    }

    [TestMethod]
    [DataRow(4, false)]
    [DataRow(8, true)]
    public void Export_Fp16Arithmetic_IsNearTheReferenceOverWeightsReadBack(int bits, bool symmetric)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        Bundles.Quantization form = Forms.Of(bits, 32, symmetric);
        BundleManifest manifest = Export(fixture.Folder, "half", new ExportOptions { Quantization = form, QuantizationScope = QuantizationScope.All, Precision = Precision.Fp16 }).Manifest;
        Assert.AreEqual("fp16", manifest.Precision);
        var reference = new ReferenceDecoder(
            DequantizedCheckpoint.Write(fixture.Checkpoint, _folder["half"], form, QuantizationScope.All, _folder["dequantised"], ElementType.Float16));
        double[] expected = reference.Run(fixture.Tokens(8)).Logits[^1];
        using LensModel model = LensModel.Open(_folder["half"]);
        using ModelRun run = model.Begin(HookSpec.None, 8);
        run.Prefill(fixture.Tokens(8));
        Closeness.AssertClose<double, float>(expected, run.Logits(), 0.05, "fp16 logits");
    }

    [TestMethod]
    [DataRow(4, 1, false)]
    [DataRow(8, 4, false)]
    [DataRow(8, 1, true)]
    public void Export_Int8WithoutItsKernel_SaysThatItIsSlow(int bits, int level, bool note)
    {
        ExportReport report = Export(FixtureCheckpoints.Get("llama").Folder, "bundle", new ExportOptions { Quantization = Forms.Of(bits, 32, true, level), Weights = WeightsMode.Reference });
        Assert.HasCount(note ? 1 : 0, report.Notes);
        Assert.AreEqual(note, report.Notes.Any(text => text.Contains("30 to 45 times slower", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Export_WeightThatIsNotFinite_LeavesNothing()
    {
        RandomCheckpoint.Write(_folder["checkpoint"], new RandomCheckpointOptions());
        CheckpointTensor tensor = CheckpointReader.Read(_folder["checkpoint"]).Tensors["model.layers.1.self_attn.v_proj.weight"];
        using (FileStream stream = File.OpenWrite(_folder[$"checkpoint/{tensor.File}"]))
        {
            stream.Position = tensor.Offset;
            stream.Write(BitConverter.GetBytes(float.PositiveInfinity));
        }

        CheckpointException exception = Assert.ThrowsExactly<CheckpointException>(() => Export(_folder["checkpoint"], "bundle", new ExportOptions { Quantization = QuantizationForms.Default(4) }));
        Assert.Contains("model.layers.1.self_attn.v_proj.weight", exception.Message);
        Assert.AreSequenceEqual(["checkpoint"], Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).ToArray());
    }

    [TestMethod]
    public void Open_DataFileChanged_IsRefused()
    {
        Export(FixtureCheckpoints.Get("llama").Folder, "bundle", new ExportOptions { Quantization = QuantizationForms.Default(4) });
        byte[] data = File.ReadAllBytes(_folder[$"bundle/{QuantizationPlan.FileName}"]);
        data[^1] ^= 1;
        File.WriteAllBytes(_folder[$"bundle/{QuantizationPlan.FileName}"], data);
        Assert.Contains(QuantizationPlan.FileName, Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(_folder["bundle"])).Message);
    }

    private ExportReport Export(string checkpoint, string name, ExportOptions options) => BundleExporter.Export(checkpoint, _folder[name], options);

    private ModelProto Graph(string bundle, string file) => OnnxModelFile.Read(_folder[$"{bundle}/{file}"]);

    private static ExternalData Data(ModelProto model, string name) => ExternalData.Read(model.Graph.Initializer.Single(tensor => tensor.Name == name))!;
}
