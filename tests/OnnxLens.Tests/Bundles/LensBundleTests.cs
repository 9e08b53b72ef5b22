using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Bundles;

/// <summary>A bundle that was changed after its export is refused when it is opened, and the message names the file.</summary>
[TestClass]
public sealed class LensBundleTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _bundle;

    public LensBundleTests()
    {
        _bundle = _folder["bundle"];
        BundleExporter.Export(FixtureCheckpoints.Get("llama").Folder, _bundle, new ExportOptions { Shards = 2, Weights = WeightsMode.Copy });
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Open_Sound_HasHashOfManifest()
    {
        LensBundle bundle = LensBundle.Open(_bundle);
        Assert.AreEqual(64, bundle.Hash.Length);
        Assert.AreEqual(bundle.Hash, LensBundle.Open(_bundle + Path.DirectorySeparatorChar).Hash);
        Assert.HasCount(2, bundle.Manifest.Shards);
    }

    [TestMethod]
    public void Hash_OtherWeightsWithTheSameHeader_IsAnother()
    {
        RandomCheckpoint.Write(_folder["one"], new RandomCheckpointOptions { Seed = 1 });
        RandomCheckpoint.Write(_folder["two"], new RandomCheckpointOptions { Seed = 2 });
        BundleExporter.Export(_folder["one"], _folder["bundle-one"]);
        BundleExporter.Export(_folder["two"], _folder["bundle-two"]);
        BundleExporter.Export(_folder["one"], _folder["bundle-one-again"]);
        string hash = LensBundle.Open(_folder["bundle-one"]).Hash;
        Assert.AreNotEqual(hash, LensBundle.Open(_folder["bundle-two"]).Hash);
        Assert.AreEqual(hash, LensBundle.Open(_folder["bundle-one-again"]).Hash);
    }

    [TestMethod]
    [DataRow("shard-0.onnx")]
    [DataRow("shard-1.onnx")]
    [DataRow("lm_head.onnx")]
    [DataRow("rope.data")]
    [DataRow("model.safetensors")]
    public void Open_FileMissing_IsRefusedByName(string file)
    {
        File.Delete(Path.Combine(_bundle, file));
        AssertRefused(file, "missing");
    }

    [TestMethod]
    [DataRow("shard-0.onnx")]
    [DataRow("shard-1.onnx")]
    [DataRow("lm_head.onnx")]
    [DataRow("rope.data")]
    public void Open_OneBitFlipped_IsRefusedByName(string file)
    {
        Change(file, bytes => bytes[bytes.Length / 2] ^= 4);
        AssertRefused(file, "SHA-256");
    }

    [TestMethod]
    public void Open_WeightHeaderChanged_IsRefused()
    {
        Change("model.safetensors", bytes => bytes[bytes.AsSpan().IndexOf("model.norm.weight"u8) + 6] = (byte)'f');
        AssertRefused("model.safetensors", "changed after the export");
    }

    [TestMethod]
    [DataRow("shard-0.onnx")]
    [DataRow("model.safetensors")]
    public void Open_FileTruncated_IsRefused(string file)
    {
        using (FileStream stream = File.OpenWrite(Path.Combine(_bundle, file)))
        {
            stream.SetLength(stream.Length - 1);
        }

        AssertRefused(file, "bytes where the manifest lists");
    }

    [TestMethod]
    [DataRow("{", "cannot be read as a manifest")]
    [DataRow("null", "null")]
    [DataRow("[]", "cannot be read as a manifest")]
    [DataRow("{\"schema\": 2}", "'schema' is 2, where 3, which this program reads, was expected")]
    public void Open_ManifestBroken_IsRefused(string json, string expected)
    {
        File.WriteAllText(Path.Combine(_bundle, BundleManifest.FileName), json);
        AssertRefused(BundleManifest.FileName, expected);
    }

    [TestMethod]
    [DataRow("\"schema\": 3", "\"schema\": 4", "'schema' is 4, where 3, which this program reads, was expected")]
    [DataRow("\"schema\": 3", "\"schema\": 3.5", "a whole number")]
    [DataRow("\"quantization\": []", "\"quantization\": [null]", "quantization")]
    [DataRow("\"parameters\": ", "\"parameters\": -", "parameters")]
    [DataRow("\"precision\": \"fp32\"", "\"precision\": \"fp8\"", "precision")]
    [DataRow("\"first_layer\": 0", "\"first_layer\": 1", "shards[0]")]
    [DataRow("\"name\": \"shard-0.onnx\"", "\"name\": \"../shard-0.onnx\"", "no plain file name")]
    [DataRow("\"name\": \"shard-0.onnx\"", "\"name\": \"shard-1.onnx\"", "twice")]
    [DataRow("\"layers\": 4", "\"layers\": 5", "hold 4 layers of 5")]
    [DataRow("\"hidden_size\": 64", "\"hidden_size\": 0", "model.hidden_size")]
    [DataRow("\"vocabulary_size\": 320", "\"vocabulary_size\": 2147483647", "model.vocabulary_size")]
    [DataRow("\"context_length\": 512", "\"context_length\": 5", "model.context_length")]
    [DataRow("\"tokenizer_files\"", "\"tokenizer_filez\"", "'tokenizer_files' is missing")]
    [DataRow("\"end_of_sequence_ids\"", "\"end_of_sequence_idz\"", "'model.end_of_sequence_ids' is missing")]
    [DataRow("\"files\": [", "\"files\": [null,", "'files[0]' is null, where an object was expected")]
    [DataRow("\"shards\": [", "\"shards\": [null,", "'shards[0]' is null, where an object was expected")]
    [DataRow("\"present_key\": \"present.0.key\"", "\"present_key\": \"present.0.value\"", "gives the value 'present.0.value' two uses")]
    [DataRow("\"seq_lens_k\": \"seqlens_k\"", "\"seq_lens_k\": \"nothing\"", "no input or output 'nothing'")]
    [DataRow("\"name\": \"shard-0.onnx\",", "\"name\": \"shard-0.onnx\", \"location\": \"/a\\u0000b\",", "null character")]
    [DataRow("\"name\": \"shard-0.onnx\",", "\"name\": \"shard-0.onnx\", \"location\": \"/dev/zero\",", "was changed after the export")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"from\": \"resid_post.1\", \"input\": \"x\" }],\n      \"hidden_out\": \"resid_post.3\"", "gives the value 'resid_post.1' two uses")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"from\": \"mlp_in.0\", \"input\": \"x\" }],\n      \"hidden_out\": \"resid_post.3\"", "gives the value 'mlp_in.0' two uses")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"from\": \"present.1.key\", \"input\": \"x\" }],\n      \"hidden_out\": \"resid_post.3\"", "gives the value 'present.1.key' two uses")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"from\": \"a\", \"input\": \"x\" }, { \"from\": \"a\", \"input\": \"y\" }],\n      \"hidden_out\": \"resid_post.3\"", "gives the value 'a' two uses")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"from\": \"a\", \"input\": \"hidden_in\" }],\n      \"hidden_out\": \"resid_post.3\"", "gives the value 'hidden_in' two uses")]
    [DataRow("\"carried\": [],\n      \"hidden_out\": \"resid_post.3\"", "\"carried\": [{ \"input\": \"x\" }],\n      \"hidden_out\": \"resid_post.3\"", "cannot be read as a manifest")]
    [DataRow("\"hidden_out\": \"resid_post.3\"", "\"hidden_out\": \"resid_mid.3\"", "'shards[1].hidden_out' is 'resid_mid.3'")]
    [DataRow("\"hidden_out\": \"resid_post.1\"", "\"hidden_out\": \"resid_post.0\"", "'shards[0].hidden_out' is 'resid_post.0'")]
    [DataRow("\"mlp_in.0\": \"mlp_in.0\"", "\"mlp_in.0\": \"mlp_in.1\"", "gives the value 'mlp_in.1' two uses")]
    [DataRow("\"cache\": {", "\"cache\": null, \"no_cache\": {", "cache")]
    [DataRow("\"cache\": {", "\"no_cache\": {", "'cache' is missing")]
    [DataRow("\"carried\": []", "\"carried\": null", "carried")]
    [DataRow("\"carried\": []", "\"no_carried\": []", "'shards[0].carried' is missing")]
    [DataRow("\"mlp_in.0\": \"mlp_in.0\"", "\"mlp_in.0\": null", "'shards[0].sites.mlp_in.0' is null")]
    [DataRow("\"mlp_in.0\": \"steer.mlp_in.0\"", "\"mlp_in.0\": null", "'shards[0].steer.mlp_in.0' is null")]
    [DataRow("\"kind\": \"shared\"", "\"kind\": 7", "cache.kind")]
    [DataRow("\"layout\": \"heads_first\"", "\"layout\": 9", "cache.layout")]
    [DataRow("\"layout\": \"heads_first\"", "\"precision\": \"fp8\"", "cache.precision")]
    [DataRow("\"role\": \"tables\"", "\"role\": \"tabels\"", "graph, weights, tables, tokenizer or config was expected")]
    [DataRow("\"tied_embedding\": false", "\"tied_embedding\": 0", "'model.tied_embedding' is 0, where true or false was expected")]
    [DataRow("\"layers\": 4", "\"layers\": 4000000000", "'model.layers' is 4000000000, where a whole number of 32 bits was expected")]
    [DataRow("\"family\": \"", "\"family\": \"\\ud800", "Make the bundle again")]
    [DataRow("\"role\": \"tables\"", "\"role\": 30", ".role' is 30, where a text was expected")]
    [DataRow("\"mlp_out.1\": \"mlp_out.1\"", "\"mlp_uot.1\": \"mlp_out.1\"", "names 'mlp_uot.1'")]
    [DataRow("\"mlp_out.1\": \"mlp_out.1\"", "\"mlp_out.01\": \"mlp_out.1\"", "names 'mlp_out.01'")]
    [DataRow("\"mlp_out.1\": \"mlp_out.1\"", "\"mlp_out.2\": \"mlp_out.1\"", "names 'mlp_out.2'")]
    [DataRow("\"mlp_out.1\": \"mlp_out.1\",", "", "does not name 'mlp_out.1'")]
    [DataRow("\"resid_post.0\": \"resid_post.0\",", "", "does not name 'resid_post.0'")]
    [DataRow("\"mlp_in.0\": \"steer.mlp_in.0\"", "\"mlp_out.0\": \"steer.mlp_in.0\"", "names 'mlp_out.0', which is no site of the shard's layers that can be steered")]
    [DataRow("\"mlp_in.0\": \"steer.mlp_in.0\"", "\"mlp_in.7\": \"steer.mlp_in.0\"", "names 'mlp_in.7'")]
    [DataRow("\"head_dim\": 16", "\"head_dim\": 16777216", "model.heads")]
    [DataRow("\"layer_count\": 2", "\"layer_count\": 2147483647", "shards")]
    [DataRow("\"file\": \"lm_head.onnx\"", "\"file\": \"shard-0.onnx\"", "does not fit its manifest: Graph 'shard-0' has no value 'logits'")]
    public void Open_ManifestContradictsItself_IsRefused(string old, string changed, string expected)
    {
        string path = Path.Combine(_bundle, BundleManifest.FileName);
        string json = File.ReadAllText(path);
        Assert.Contains(old, json);
        File.WriteAllText(path, json.Replace(old, changed, StringComparison.Ordinal));
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => LensModel.Open(_bundle).Dispose());
        Assert.Contains(expected, exception.Message);
    }

    [TestMethod]
    public void Open_NoFolder_SaysWhatToGive()
    {
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(_folder["absent"]));
        Assert.Contains("absent", exception.Message);
        Assert.Contains("onnxlens export", exception.Message);
    }

    [TestMethod]
    public void Open_CheckpointInsteadOfBundle_SaysWhatToDo()
    {
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(FixtureCheckpoints.Get("llama").Folder));
        Assert.Contains("onnxlens export <checkpoint>", exception.Message);
    }

    [TestMethod]
    public void Open_SiteMissingInManifest_IsRefusedWhenCaptured()
    {
        string path = Path.Combine(_bundle, BundleManifest.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"mlp_out.1\": \"mlp_out.1\"", "\"mlp_out.1\": \"absent\"", StringComparison.Ordinal));
        var options = new LensModelOptions { Capture = [new HookPoint(Site.MlpOut, 1)] };
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => LensModel.Open(_bundle, options).Dispose());
        Assert.Contains("absent", exception.Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(15)]
    public void Open_LargeWeightFileChangedInABlock_IsRefused(int block)
    {
        const string name = "model.onnx";
        string path = Path.Combine(_bundle, name);
        long bytes = FileEntry.WholeBytes + 4321;
        File.WriteAllBytes(path, new byte[bytes]);
        BundleManifest manifest = LensBundle.Open(_bundle).Manifest;
        FileEntry entry = LensBundle.Describe(_bundle, name, FileRole.Weights);
        Assert.IsNotNull(entry.PartSha256);
        LensBundle.WriteManifest(_bundle, manifest with { Files = [.. manifest.Files, entry] });
        LensBundle.Open(_bundle);

        Change(name, content => content[Math.Min(((bytes - (64 << 10)) * block / 15) + (64 << 10) - 1, bytes - 1)] ^= 1);
        AssertRefused(name, "SHA-256");
        File.WriteAllBytes(path, new byte[bytes + 1]);
        AssertRefused(name, "bytes where the manifest lists");
    }

    [TestMethod]
    public void Of_ParametersBeyondAnyMemory_AreBounded()
    {
        string path = Path.Combine(_bundle, BundleManifest.FileName);
        File.WriteAllText(path, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(path), "\"parameters\": \\d+", "\"parameters\": 9223372036854775807"));
        MemoryEstimate memory = MemoryEstimate.Of(LensBundle.Open(_bundle), 1 << 20);
        Assert.AreEqual(long.MaxValue, memory.Parameters);
        Assert.IsLessThan(1 << 24, memory.WeightBytes);
    }

    private void Change(string file, Action<byte[]> change)
    {
        string path = Path.Combine(_bundle, file);
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    private void AssertRefused(string file, string expected)
    {
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => LensBundle.Open(_bundle));
        Assert.Contains(file, exception.Message);
        Assert.Contains(expected, exception.Message);
    }
}
