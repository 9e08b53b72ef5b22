using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

[TestClass]
public sealed class GgufVectorTests : IDisposable
{
    private readonly VectorFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    [DataRow(2u)]
    [DataRow(3u)]
    public void Read_FileMadeByHand_GivesBlocksOutput(uint version)
    {
        VectorFileContent content = VectorFile.Read(_files.Write("v.gguf", new GgufBytes { Version = version }.ToArray()));

        SteeringVector vector = content.Vectors.Single();
        Assert.AreEqual("gguf", content.Format);
        Assert.AreEqual(Site.ResidPost, vector.Site);
        Assert.AreSequenceEqual([1, 2], vector.Layers.Keys.ToArray());
        Assert.AreSequenceEqual([1f, 2f, 3f], vector.Layers[1].ToArray());
        Assert.AreSequenceEqual([4f, 5f, 6f], vector.Layers[2].ToArray());
        Assert.AreEqual("llama", vector.Origin!.Model);
        Assert.Contains("resid_post.n", vector.Origin.LayerConvention!);
        Assert.Contains("output of block n", content.Notes.Single());
    }

    [TestMethod]
    public void Read_HalfAndOtherAlignmentAndForeignPairs_Reads()
    {
        byte[] numbers = [.. GgufBytes.UInt32(6), .. GgufBytes.UInt64(2), 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] texts = [.. GgufBytes.UInt32(8), .. GgufBytes.UInt64(2), .. GgufBytes.Text("ab"), .. GgufBytes.Text("")];
        var made = new GgufBytes
        {
            Pairs =
            [
                GgufBytes.Raw("numbers", 9, numbers), GgufBytes.Raw("texts", 9, texts), GgufBytes.Raw("flag", 7, 1), GgufBytes.Raw("long", 11, new byte[8]),
                GgufBytes.UInt32("general.alignment", 64), GgufBytes.Text("general.architecture", "controlvector"),
            ],
            Alignment = 64,
            Tensors = [("direction.7", [2, 1], 1, 64), ("direction.3", [2], 1, 0)],
            Data = [.. MemoryMarshal.AsBytes<Half>([(Half)1.5f, (Half)(-2f)]), .. new byte[60], .. MemoryMarshal.AsBytes<Half>([(Half)3f, (Half)65504f])],
        };

        SteeringVector vector = VectorFile.Read(_files.Write("v.gguf", made.ToArray())).Vectors.Single();

        Assert.AreSequenceEqual([1.5f, -2f], vector.Layers[3].ToArray());
        Assert.AreSequenceEqual([3f, 65504f], vector.Layers[7].ToArray());
    }

    [TestMethod]
    public void Read_NoArchitecture_ReadsAndSays()
    {
        VectorFileContent content = VectorFile.Read(_files.Write("v.gguf", new GgufBytes { Pairs = [] }.ToArray()));

        Assert.HasCount(2, content.Notes);
        Assert.Contains("does not say its architecture", content.Notes[1]);
    }

    [TestMethod]
    public void Write_Bytes_AreThoseOfTheFormat()
    {
        SteeringVector vector = VectorFiles.Vector(Site.ResidPost, (2, [4, 5, 6]), (1, [1, 2, 3]));
        VectorFile.Write(_files["v.gguf"], [vector]);
        byte[] written = File.ReadAllBytes(_files["v.gguf"]);

        const string metadata = """{"resid_post":{"norms":{"1":3.7416573867739413,"2":8.774964387392123}}}""";
        byte[] expected = new GgufBytes
        {
            Pairs =
            [
                GgufBytes.Text("general.architecture", "controlvector"), GgufBytes.Text("controlvector.model_hint", ""),
                GgufBytes.UInt32("controlvector.layer_count", 2), GgufBytes.Text("onnxlens.vector", metadata),
            ],
        }.ToArray();
        Assert.AreSequenceEqual(expected, written);
    }

    [TestMethod]
    public void Write_ThenRead_KeepsBitsAndOrigin()
    {
        var origin = new VectorOrigin { Tool = "onnxlens", Model = "qwen3", Method = "mean-difference", Pairs = 12 };
        var vector = new SteeringVector(Site.ResidPost, new Dictionary<int, ImmutableArray<float>> { [1] = [0.1f, -0f], [30] = [float.MaxValue, float.Epsilon] }, origin);
        VectorFile.Write(_files["v.GGUF"], [vector]);

        SteeringVector read = VectorFile.Read(_files["v.GGUF"]).Vectors.Single();

        Assert.AreEqual(vector.Hash, read.Hash);
        Assert.AreEqual(origin, read.Origin! with { LayerConvention = null });
        Assert.IsNotNull(read.Origin!.LayerConvention);
    }

    [TestMethod]
    public void Write_OtherSiteOrBlock0_IsRefusedAndWritesNothing()
    {
        SelectionException site = Assert.ThrowsExactly<SelectionException>(() => VectorFile.Write(_files["v.gguf"], [VectorFiles.Vector(Site.MlpIn, (1, [1]))]));
        SelectionException layer = Assert.ThrowsExactly<SelectionException>(() => VectorFile.Write(_files["v.gguf"], [VectorFiles.Vector(Site.ResidPost, (0, [1]), (3, [1]))]));

        Assert.Contains("output of a block, so it can only hold 'resid_post'; this vector is at 'mlp_in'", site.Message);
        Assert.Contains("'resid_post.0'", layer.Message);
        Assert.Contains("FILE@resid_post.1-3", layer.Message);
        Assert.IsFalse(File.Exists(_files["v.gguf"]));
    }
}
