using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

[TestClass]
public sealed class NpzVectorTests : IDisposable
{
    private readonly VectorFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void ReadArchive_SmallThatUnfoldsToMuch_IsRefusedBeforeItsValuesAreRead()
    {
        string path = Archive(("mlp_in.1", Array("<f4", "(16777217,)", new byte[16777217 * 4])));
        Assert.IsLessThan(1 << 20, new FileInfo(path).Length);
        VectorFiles.AssertRefused(path, "At most 16777216 are read from one file");
    }

    [TestMethod]
    public void ReadArchive_NamesWithSites_GivesThem()
    {
        VectorFileContent content = VectorFile.Read(Archive(
            ("resid_post.4", Array("<f4", "(2,)", GgufBytes.Floats(1, 2))),
            ("mlp_in.03", Array("<f4", "(1, 2)", GgufBytes.Floats(3, 4))),
            ("attn_in", Array("<f4", "(3, 2)", GgufBytes.Floats(0, 1, 2, 3, 4, 5)))));

        Assert.AreEqual("npz", content.Format);
        Assert.IsEmpty(content.Notes);
        Assert.AreSequenceEqual([Site.AttnIn, Site.MlpIn, Site.ResidPost], content.Sites.ToArray());
        Assert.AreSequenceEqual([2f, 3f], content.At(Site.AttnIn).Layers[1].ToArray());
        Assert.AreSequenceEqual([3f, 4f], content.At(Site.MlpIn).Layers[3].ToArray());
        Assert.IsNull(content.At(Site.ResidPost).Origin);
    }

    [TestMethod]
    [DataRow("7")]
    [DataRow("layer_7")]
    public void ReadArchive_PlainLayers_TakesTheSiteGivenOrSaysWhich(string name)
    {
        string path = Archive((name, Array("<f4", "(2,)", GgufBytes.Floats(1, 2))));

        VectorFileContent assumed = VectorFile.Read(path);
        VectorFileContent given = VectorFile.Read(path, new VectorReadOptions { Site = Site.MlpIn });

        Assert.IsTrue(assumed.At(Site.ResidPost).Layers.ContainsKey(7));
        Assert.Contains("does not say at which site", assumed.Notes.Single());
        Assert.IsNotNull(assumed.Vectors[0].Origin!.LayerConvention);
        Assert.IsTrue(given.At(Site.MlpIn).Layers.ContainsKey(7));
        Assert.IsEmpty(given.Notes);
        Assert.AreEqual(new HookPoint(Site.MlpIn, 7), VectorSelector.Parse(path + "@mlp_in.7").Resolve(VectorFiles.Facts(8, 2)).Single().Point);
    }

    [TestMethod]
    [DataRow("<f2", 1)]
    [DataRow(">f2", 1)]
    [DataRow("<f4", 2)]
    [DataRow(">f4", 2)]
    [DataRow("<f8", 3)]
    [DataRow(">f8", 3)]
    public void ReadArray_EveryTypeAndVersion_GivesTheValues(string type, int version)
    {
        float[] values = [1.5f, -2.25f, 0f, 512f, 3f, 4f];

        VectorFileContent content = VectorFile.Read(_files.Write("mlp_in.npy", Array(type, "(2, 3)", Bytes(type, values), version: version)));

        Assert.AreEqual("npy", content.Format);
        Assert.AreSequenceEqual(values[..3], content.At(Site.MlpIn).Layers[0].ToArray());
        Assert.AreSequenceEqual(values[3..], content.At(Site.MlpIn).Layers[1].ToArray());
    }

    [TestMethod]
    public void ReadArray_FortranOrder_IsTurned()
    {
        SteeringVector vector = VectorFile.Read(_files.Write("mlp_in.npy", Array("<f4", "(2, 3)", GgufBytes.Floats(1, 4, 2, 5, 3, 6), fortran: true))).Vectors.Single();

        Assert.AreSequenceEqual([1f, 2f, 3f], vector.Layers[0].ToArray());
        Assert.AreSequenceEqual([4f, 5f, 6f], vector.Layers[1].ToArray());
    }

    [TestMethod]
    public void ReadArray_NameOfTheFile_SaysSiteAndLayerOrIsNoted()
    {
        byte[] one = Array("<f4", "(2,)", GgufBytes.Floats(1, 2));
        byte[] rows = Array("<f4", "(2, 1)", GgufBytes.Floats(1, 2));

        Assert.AreSequenceEqual([5], VectorFile.Read(_files.Write("mlp_in.5.npy", one)).At(Site.MlpIn).Layers.Keys.ToArray());
        VectorFileContent content = VectorFile.Read(_files.Write("happy.npy", rows));
        Assert.AreSequenceEqual([0, 1], content.At(Site.ResidPost).Layers.Keys.ToArray());
        Assert.HasCount(1, content.Notes);
        VectorFiles.AssertRefused(_files.Write("happy.npy", one), "has the shape [2] and its name no layer", "name it 'resid_post.12'");
    }

    [TestMethod]
    [DataRow("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "Python objects, which are pickled")]
    [DataRow("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured type")]
    [DataRow("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", "type '<i8'")]
    [DataRow("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", "type '<c8'")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "0 dimensions")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2), }", "3 dimensions")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", "sizes of 1 or more")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "sizes of 1 or more")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "sizes of 1 or more")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647), }", "are read from one file")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (5000, 2147483647), }", "are read from one file")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "its header and shape [3] make")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "its header and shape [1] make")]
    [DataRow("{'descr': '<f4', 'fortran_order': False}", "does not say its shape")]
    [DataRow("nothing", "structured type")]
    public void Read_ArrayThatIsNotRead_SaysWhy(string header, string what)
    {
        byte[] array = Headed(header, GgufBytes.Floats(1, 2), 1);

        VectorFiles.AssertRefused(_files.Write("mlp_in.3.npy", array), "'mlp_in.3'", what);
        VectorFiles.AssertRefused(Archive(("mlp_in.3", array)), "'mlp_in.3'", what);
    }

    [TestMethod]
    public void Read_ArrayCutAtAnyByteOrTooLong_IsRefused()
    {
        byte[] whole = Array("<f4", "(2,)", GgufBytes.Floats(1, 2));
        for (int length = 1; length < whole.Length; length++)
        {
            VectorFiles.AssertRefused(_files.Write("mlp_in.3.npy", whole[..length]));
        }

        VectorFiles.AssertRefused(_files.Write("mlp_in.3.npy", [.. whole, 0]), "bytes, but its header and shape");
    }

    [TestMethod]
    public void ReadArchive_CutOrChanged_ReadsOrRefuses()
    {
        byte[] whole = File.ReadAllBytes(Archive(("mlp_in.3", Array("<f4", "(2,)", GgufBytes.Floats(1, 2)))));
        for (int length = 1; length < whole.Length; length++)
        {
            VectorFiles.AssertRefused(_files.Write("cut.npz", whole[..length]));
        }

        var random = new Random(5);
        int refused = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            byte[] changed = [.. whole];
            changed[random.Next(4, changed.Length)] = (byte)random.Next(256);
            try
            {
                VectorFile.Read(_files.Write("changed.npz", changed));
            }
            catch (VectorException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(100, refused);
    }

    [TestMethod]
    public void ReadArchive_Bomb_IsRefusedWithoutUnfoldingIt()
    {
        const int zeros = 1 << 24;
        string honest = _files.Write("honest.npz", File.ReadAllBytes(Archive(("mlp_in.3", Array("<f2", $"({(1 << 26) + 1},)", [])))));
        string tooLong = Archive(("mlp_in.3", Array("<f4", "(2,)", new byte[zeros])));
        byte[] bytes = File.ReadAllBytes(tooLong);
        Assert.IsLessThan(zeros / 100, bytes.Length);

        // Here the archive says that the array is as small as its shape; what would unfold is not, and is left.
        byte[] size = BitConverter.GetBytes(zeros + 128);
        BitConverter.GetBytes(128 + (2 * sizeof(float))).CopyTo(bytes, bytes.AsSpan().LastIndexOf(size));
        string lying = _files.Write("lying.npz", bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        VectorFiles.AssertRefused(honest, "67108865 values", "are read from one file");
        VectorFiles.AssertRefused(tooLong, "its header and shape [2] make");
        Assert.AreEqual(2, VectorFile.Read(lying).HiddenSize);
        Assert.IsLessThan(1L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void ReadArchive_LessThanItSays_IsRefused()
    {
        byte[] bytes = File.ReadAllBytes(Archive(("mlp_in.3", Array("<f4", "(9,)", GgufBytes.Floats(1, 2)))));
        byte[] size = BitConverter.GetBytes(128 + (2 * sizeof(float)));
        BitConverter.GetBytes(128 + (9 * sizeof(float))).CopyTo(bytes, bytes.AsSpan().LastIndexOf(size));

        VectorFiles.AssertRefused(_files.Write("less.npz", bytes));
    }

    [TestMethod]
    public void ReadArchive_NamesOrValuesThatAreWrong_AreNamed()
    {
        byte[] sound = Array("<f4", "(2,)", GgufBytes.Floats(1, 2));
        VectorFiles.AssertRefused(Archive(("happy", sound)), "'happy' names no site and layer", "'mlp_in.12'");
        VectorFiles.AssertRefused(Archive(("nowhere.3", sound)), "'nowhere.3' names no site and layer");
        VectorFiles.AssertRefused(Archive(("3", sound), ("layer_3", sound)), "'3' and 'layer_3' are both the vector at 'resid_post.3'");
        VectorFiles.AssertRefused(Archive(("mlp_in.3", Array("<f4", "(2, 1)", GgufBytes.Floats(1, 2)))), "shape [2, 1]", "one vector for one layer");
        VectorFiles.AssertRefused(Archive(("mlp_in.3", Array("<f4", "(2,)", GgufBytes.Floats(1, float.PositiveInfinity)))), "as value 1");
        VectorFiles.AssertRefused(Archive(("mlp_in.3", Array("<f8", "(1,)", BitConverter.GetBytes(1e300)))), "as value 0");
        VectorFiles.AssertRefused(Archive(), "holds no vector");
    }

    private static byte[] Bytes(string type, float[] values)
    {
        IEnumerable<byte[]> each = values.Select(value => type[2] switch
        {
            '2' => BitConverter.GetBytes((Half)value),
            '4' => BitConverter.GetBytes(value),
            _ => BitConverter.GetBytes((double)value),
        });
        return [.. each.SelectMany(bytes => type[0] == '>' ? bytes.Reverse() : bytes)];
    }

    private static byte[] Array(string type, string shape, byte[] data, bool fortran = false, int version = 1) =>
        Headed($"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", data, version);

    private static byte[] Headed(string header, byte[] data, int version)
    {
        byte[] text = Encoding.ASCII.GetBytes(header.PadRight(117) + "\n");
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes((uint)text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }

    private string Archive(params (string Name, byte[] Array)[] arrays)
    {
        string path = _files["v.npz"];
        File.Delete(path);
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] array) in arrays)
        {
            using Stream stream = archive.CreateEntry(name + ".npy").Open();
            stream.Write(array);
        }

        return path;
    }
}
