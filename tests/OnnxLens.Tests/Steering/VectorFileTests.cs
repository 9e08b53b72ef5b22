using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;
using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

/// <summary>Our own form, .svec, and what is no file of vectors at all.</summary>
[TestClass]
public sealed class VectorFileTests : IDisposable
{
    private readonly VectorFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Write_ThenRead_KeepsBitsSitesAndOrigins()
    {
        var origin = new VectorOrigin { Tool = "onnxlens 0.1.0", BundleHash = "ab", Model = "llama", Method = "pca", DatasetHash = "cd", Dataset = "réfus \"x\"", Pairs = 3, Position = "last", LayerConvention = "c" };
        var first = new SteeringVector(Site.MlpIn, new Dictionary<int, ImmutableArray<float>> { [0] = [0.1f, -0f], [11] = [float.MaxValue, float.Epsilon] }, origin);
        SteeringVector second = VectorFiles.Vector(Site.ResidPost, (2, [3, 4]));
        VectorFile.Write(_files["v.safetensors"], [second, first]);

        VectorFileContent read = VectorFile.Read(_files["v.safetensors"]);

        Assert.AreEqual("safetensors", read.Format);
        Assert.AreSequenceEqual([first.Hash, second.Hash], read.Vectors.Select(vector => vector.Hash).ToArray());
        Assert.AreEqual(origin, read.Vectors[0].Origin);
        Assert.AreEqual(new VectorOrigin(), read.Vectors[1].Origin);
        SafetensorsHeader header = SafetensorsHeader.Read(_files["v.safetensors"]);
        Assert.AreSequenceEqual(["mlp_in.0", "mlp_in.11", "resid_post.2"], header.Entries.Select(entry => entry.Name).ToArray());
        using var metadata = JsonDocument.Parse(header.Metadata["onnxlens.vector"]);
        Assert.AreEqual(5, metadata.RootElement.GetProperty("resid_post").GetProperty("norms").GetProperty("2").GetDouble());
        Assert.AreEqual("last", metadata.RootElement.GetProperty("mlp_in").GetProperty("position").GetString());
    }

    [TestMethod]
    public void Read_EveryFloatTypeWithoutMetadata_Widens()
    {
        string path = Safetensors(
            ("mlp_in.0", ElementType.Float16, [2], MemoryMarshal.AsBytes<Half>([(Half)1.5f, (Half)2]).ToArray()),
            ("mlp_in.1", ElementType.BFloat16, [1, 2], MemoryMarshal.AsBytes<ushort>([0x3FC0, 0xC010]).ToArray()),
            ("mlp_in.2", ElementType.Double, [2], MemoryMarshal.AsBytes<double>([0.1, 1]).ToArray()));

        SteeringVector vector = VectorFile.Read(path).Vectors.Single();

        Assert.AreSequenceEqual([1.5f, 2f], vector.Layers[0].ToArray());
        Assert.AreSequenceEqual([1.5f, -2.25f], vector.Layers[1].ToArray());
        Assert.AreSequenceEqual([0.1f, 1f], vector.Layers[2].ToArray());
        Assert.IsNull(vector.Origin);
    }

    [TestMethod]
    public void Read_SafetensorsOfAnotherEnding_IsToldByItsBytes()
    {
        VectorFile.Write(_files["v.safetensors"], [VectorFiles.Vector(Site.MlpIn, (0, [1]))]);
        File.Move(_files["v.safetensors"], _files["v.bin"]);

        Assert.AreEqual("safetensors", VectorFile.Read(_files["v.bin"]).Format);
    }

    [TestMethod]
    public void Read_SafetensorsThatAreNoVectors_NamesTheTensor()
    {
        byte[] two = GgufBytes.Floats(1, 2);
        VectorFiles.AssertRefused(Safetensors(("model.norm.weight", ElementType.Float, [2], two)), "'model.norm.weight' names no site and layer");
        VectorFiles.AssertRefused(Safetensors(("mlp_in", ElementType.Float, [2], two)), "'mlp_in' names no site and layer");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.-1", ElementType.Float, [2], two)), "'mlp_in.-1' names no site and layer");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [2, 1], two)), "'mlp_in.3' has the shape [2, 1]");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [], GgufBytes.Floats(1))), "'mlp_in.3' has the shape []");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [0], [])), "'mlp_in.3' has no values");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Int32, [2], two)), "'mlp_in.3' is I32");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [2], two), ("mlp_in.03", ElementType.Float, [2], two)), "'mlp_in.3' and 'mlp_in.03' are both the vector at 'mlp_in.3'");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [2], two), ("attn_in.4", ElementType.Float, [1], GgufBytes.Floats(1))), "'attn_in.4' has 1 values, but 'mlp_in.3' has 2");
        VectorFiles.AssertRefused(Safetensors(("mlp_in.3", ElementType.Float, [2], GgufBytes.Floats(1, float.NegativeInfinity))), "'mlp_in.3' has -Infinity as value 1");
        VectorFiles.AssertRefused(Safetensors(), "holds no vector");
        byte[] twice = """{"mlp_in.3":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"mlp_in.3":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"""u8.ToArray();
        VectorFiles.AssertRefused(_files.Write("twice.safetensors", [.. GgufBytes.UInt64((ulong)twice.Length), .. twice]), "'mlp_in.3' appears twice");
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("{\"mlp_in\":3}")]
    [DataRow("{\"mlp_in\":{\"pairs\":\"many\"}}")]
    [DataRow("happy")]
    public void Read_OurMetadataDamaged_IsRefused(string text)
    {
        SafetensorsWriter.Write(_files["v.safetensors"], [Tensor("mlp_in.3", ElementType.Float, [1], GgufBytes.Floats(1))], new Dictionary<string, string> { ["onnxlens.vector"] = text, ["format"] = "pt" });
        VectorFiles.AssertRefused(_files["v.safetensors"], "metadata 'onnxlens.vector' is no JSON object of origins");
    }

    [TestMethod]
    public void Read_Svec_GivesDirectionsAndSaysTheConvention()
    {
        VectorFileContent content = VectorFile.Read(_files.Write("v.svec", """{"model_type": "llama", "directions": {"15": [0.5, -1e-3], "16": [2, 3]}, "explained_variances": {"15": 0.9, "16": 1.0}}"""u8.ToArray()));

        SteeringVector vector = content.At(Site.ResidPost);
        Assert.AreEqual("svec", content.Format);
        Assert.AreSequenceEqual([0.5f, -1e-3f], vector.Layers[15].ToArray());
        Assert.AreEqual("llama", vector.Origin!.Model);
        Assert.Contains("read from the output of block n", content.Notes.Single());
        Assert.Contains("one block earlier", vector.Origin.LayerConvention!);
    }

    [TestMethod]
    [DataRow("""{"directions": {"1": [1, "2"]}}""", "'directions.1[1]' is a JSON string")]
    [DataRow("""{"directions": {"1": [1, null]}}""", "'directions.1[1]' is a JSON null")]
    [DataRow("""{"directions": {"1": [[1, 2]]}}""", "'directions.1[0]' is a JSON array")]
    [DataRow("""{"directions": {"1": "abc"}}""", "'directions.1' is a JSON string")]
    [DataRow("""{"directions": {"1": []}}""", "'directions.1' has no values")]
    [DataRow("""{"directions": {"one": [1]}}""", "'directions.one' names no layer")]
    [DataRow("""{"directions": {"1": [1], "01": [1]}}""", "are both the vector at 'resid_post.1'")]
    [DataRow("""{"directions": {"1": [1], "1": [1]}}""", "not sound JSON (Duplicate property '1'")]
    [DataRow("""{"directions": {"1": [1]}, "directions": {"2": [1]}}""", "not sound JSON (Duplicate property 'directions'")]
    [DataRow("""{"directions": {"1": [1], "2": [1, 2]}}""", "'directions.2' has 2 values, but 'directions.1' has 1")]
    [DataRow("""{"directions": {"1": [1e999]}}""", "as value 0")]
    [DataRow("""{"directions": {"1": [1e39]}}""", "as value 0")]
    [DataRow("""{"directions": {"1": [NaN]}}""", "not sound JSON")]
    [DataRow("""{"directions": {"1": [1""", "not sound JSON")]
    [DataRow("""{"directions": {}}""", "holds no vector")]
    [DataRow("""{"directions": [1]}""", "no object 'directions'")]
    [DataRow("""{"model_type": "llama"}""", "no object 'directions'")]
    [DataRow("""{"directions": {"\ud800": [1]}}""", "half a surrogate pair")]
    public void Read_SvecThatIsWrong_NamesTheField(string json, string what) =>
        VectorFiles.AssertRefused(_files.Write("v.svec", Encoding.UTF8.GetBytes(json)), what);

    [TestMethod]
    public void Read_Pickle_IsRefusedWithReasonAndFix()
    {
        byte[] pickle = [0x80, 4, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, (byte)'}', (byte)'.'];
        string torch = _files["torch.safetensors"];
        using (ZipArchive archive = ZipFile.Open(torch, ZipArchiveMode.Create))
        {
            using Stream stream = archive.CreateEntry("archive/data.pkl").Open();
            stream.Write(pickle);
        }

        foreach (string path in new[] { _files.Write("v.pt", pickle), _files.Write("v.npz", pickle), torch, _files.Write("v.joblib", [0x78, 0x9C, 1, 2, 3]), _files.Write("v.pkl", "(lp0\n."u8.ToArray()) })
        {
            VectorFiles.AssertRefused(path, "is a Python pickle", "runs whatever code", "numpy.savez");
        }
    }

    [TestMethod]
    public void Read_WhatIsNoFile_SaysSo()
    {
        VectorFiles.AssertRefused(_files["missing.gguf"], "There is no vector file");
        VectorFiles.AssertRefused(_files.Write("empty.npz", []), "is empty");
        VectorFiles.AssertRefused(Directory.CreateDirectory(_files["folder.npz"]).FullName, "is a folder");
        VectorFiles.AssertRefused(_files.Write("story.txt", "Once upon a time"u8.ToArray()), "is no file of vectors");
        VectorFiles.AssertRefused(_files.Write("short.safetensors", [1, 2, 3]), "the file has 3 bytes");
        VectorFiles.AssertRefused(_files.Write("short.gguf", "no"u8.ToArray()), "not a sound GGUF file");
        Assert.Contains("is empty", Assert.ThrowsExactly<VectorException>(() => VectorFile.Read("")).Message);
        if (!OperatingSystem.IsWindows())
        {
            VectorFiles.AssertRefused("/dev/zero", "a pipe or a device");
        }
    }

    [TestMethod]
    public void Write_PathOrVectorsThatDoNotFit_AreRefused()
    {
        SteeringVector one = VectorFiles.Vector(Site.MlpIn, (0, [1]));
        foreach (string name in new[] { "v.npz", "v", "v.safetensors.txt" })
        {
            Assert.Contains("ends with .safetensors or .gguf", Assert.ThrowsExactly<OutputException>(() => VectorFile.Write(_files[name], [one])).Message);
            Assert.IsFalse(File.Exists(_files[name]));
        }

        Assert.ThrowsExactly<ArgumentException>(() => VectorFile.Write(_files["v.safetensors"], []));
        Assert.ThrowsExactly<ArgumentException>(() => VectorFile.Write(_files["v.safetensors"], [one, one]));
        SelectionException sizes = Assert.ThrowsExactly<SelectionException>(() => VectorFile.Write(_files["v.safetensors"], [one, VectorFiles.Vector(Site.AttnIn, (0, [1, 2]))]));
        Assert.Contains("'attn_in' has 2 values per layer, that at 'mlp_in' 1", sizes.Message);
    }

    private static SafetensorsTensor Tensor(string name, ElementType type, ImmutableArray<long> shape, byte[] data) => new(name, type, shape, stream => stream.Write(data));

    private string Safetensors(params (string Name, ElementType Type, ImmutableArray<long> Shape, byte[] Data)[] tensors)
    {
        SafetensorsWriter.Write(_files["v.safetensors"], [.. tensors.Select(tensor => Tensor(tensor.Name, tensor.Type, tensor.Shape, tensor.Data))]);
        return _files["v.safetensors"];
    }
}
