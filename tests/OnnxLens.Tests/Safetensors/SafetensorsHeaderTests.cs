using System.Security.Cryptography;
using System.Text;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Tests.Safetensors;

[TestClass]
public sealed class SafetensorsHeaderTests : IDisposable
{
    private readonly SafetensorsBytes _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Read_SoundFile_GivesEntriesMetadataAndHash()
    {
        const string header = """{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[8,20]},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}   """;
        string path = _files.File(header, 20);

        SafetensorsHeader read = SafetensorsHeader.Read(path);

        int start = 8 + header.Length;
        CollectionAssert.AreEqual(new[] { "a", "b" }, read.Entries.Select(entry => entry.Name).ToArray());
        SafetensorsEntry a = read.Tensors["a"];
        SafetensorsEntry b = read.Tensors["b"];
        Assert.AreEqual((ElementType.Int64, 0, (long)start, 8L, 1L), (a.Type, a.Shape.Length, a.Offset, a.Bytes, a.Elements));
        Assert.AreEqual((ElementType.Float16, start + 8L, 12L, 6L), (b.Type, b.Offset, b.Bytes, b.Elements));
        CollectionAssert.AreEqual(new[] { 2L, 3L }, b.Shape.ToArray());
        Assert.AreEqual("pt", read.Metadata["format"]);
        Assert.AreEqual(start + 20, read.FileBytes);
        Assert.AreEqual(header.Length, read.HeaderBytes);
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path).AsSpan(0, start))), read.Sha256);
    }

    [TestMethod]
    [DataRow("{}", 0, DisplayName = "no tensor at all")]
    [DataRow("""{"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0, DisplayName = "empty tensors")]
    [DataRow("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}}""", 7, DisplayName = "misaligned")]
    [DataRow("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":{"x":[1]}}}""", 1, DisplayName = "a further field")]
    public void Read_UnusualButSound_Reads(string header, int dataBytes)
    {
        SafetensorsHeader read = SafetensorsHeader.Read(_files.File(header, dataBytes));

        Assert.AreEqual(dataBytes, read.Entries.Sum(entry => entry.Bytes));
    }

    [TestMethod]
    [DataRow("F64", ElementType.Double, 8)]
    [DataRow("F32", ElementType.Float, 4)]
    [DataRow("F16", ElementType.Float16, 2)]
    [DataRow("BF16", ElementType.BFloat16, 2)]
    [DataRow("I64", ElementType.Int64, 8)]
    [DataRow("I32", ElementType.Int32, 4)]
    [DataRow("I16", ElementType.Int16, 2)]
    [DataRow("I8", ElementType.Int8, 1)]
    [DataRow("U64", ElementType.UInt64, 8)]
    [DataRow("U32", ElementType.UInt32, 4)]
    [DataRow("U16", ElementType.UInt16, 2)]
    [DataRow("U8", ElementType.UInt8, 1)]
    [DataRow("BOOL", ElementType.Bool, 1)]
    public void Read_EveryDtype_MapsToItsType(string dtype, ElementType type, int size)
    {
        string path = _files.File($$$"""{"x":{"dtype":"{{{dtype}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}""", 3 * size);

        Assert.AreEqual(type, SafetensorsHeader.Read(path).Tensors["x"].Type);
    }

    [TestMethod]
    public void Read_MissingFile_NamesFileAndFix()
    {
        string path = _files.PathOf("absent.safetensors");

        AssertRefused(path, "absent.safetensors", "Give the path");
    }

    [TestMethod]
    public void Read_Folder_NamesIt() => AssertRefused(_files.Folder, _files.Folder, "Give the path");

    [TestMethod]
    public void Read_Empty_Refuses() => AssertRefused(_files.Raw([]), "is empty");

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    public void Read_ShorterThanItsLength_Refuses(int bytes) => AssertRefused(_files.Raw(new byte[bytes]), $"has {bytes} bytes", "at least 8");

    [TestMethod]
    public void Read_HeaderLongerThanFile_Refuses() => AssertRefused(_files.File(3, "{}"u8.ToArray(), []), "header length is 3", "at most 2");

    [TestMethod]
    [DataRow(100_000_001UL)]
    [DataRow(ulong.MaxValue)]
    [DataRow(1UL << 63)]
    public void Read_HeaderOfAbsurdLength_Refuses(ulong length) => AssertRefused(_files.File(length, "{}"u8.ToArray(), []), $"header length is {length}", "at most 100000000");

    [TestMethod]
    public void Read_HeaderNotUtf8_Refuses() => AssertRefused(_files.File([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}'], 0), "not UTF-8", "UTF-8 JSON");

    [TestMethod]
    public void Read_HalfSurrogatePair_Refuses() => AssertRefused(_files.File("""{"\ud800":{}}""", 0), "half a surrogate pair", "valid Unicode");

    [TestMethod]
    [DataRow("", DisplayName = "empty")]
    [DataRow("{", DisplayName = "unclosed")]
    [DataRow("{}{}", DisplayName = "two objects")]
    [DataRow("{\"a\":", DisplayName = "cut short")]
    [DataRow("{\"a\":}", DisplayName = "no value")]
    [DataRow("{} // note", DisplayName = "a comment")]
    [DataRow("\0\0\0\0", DisplayName = "zeros")]
    public void Read_HeaderNotJson_Refuses(string header) => AssertRefused(_files.File(header, 0), "not JSON", "one JSON object");

    [TestMethod]
    public void Read_HeaderNestedWithoutEnd_Refuses() => AssertRefused(_files.File("""{"a":{"x":""" + new string('[', 5000), 0), "not JSON", "one JSON object");

    [TestMethod]
    [DataRow("[]", "array")]
    [DataRow("3", "number")]
    [DataRow("null", "null")]
    [DataRow("true", "boolean")]
    [DataRow("\"x\"", "string")]
    public void Read_HeaderNotObject_Refuses(string header, string kind) => AssertRefused(_files.File(header, 0), $"JSON {kind}", "a JSON object");

    [TestMethod]
    [DataRow("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", "'a' appears twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", "'a' appears twice")]
    [DataRow("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "'__metadata__' appears twice")]
    [DataRow("""{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "'dtype' appears twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"shape":[2],"data_offsets":[0,2]}}""", "'shape' appears twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"data_offsets":[0,2]}}""", "'data_offsets' appears twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1,"x":2}}""", "'x' appears twice")]
    [DataRow("""{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "has 'k' twice")]
    public void Read_DuplicateKey_Refuses(string header, string what) => AssertRefused(_files.File(header, 2), what, "once");

    [TestMethod]
    public void Read_MetadataNull_IsNone() => Assert.IsEmpty(SafetensorsHeader.Read(_files.File("""{"__metadata__":null}""", 0)).Metadata);

    [TestMethod]
    [DataRow("""{"__metadata__":[]}""", "__metadata__ is a JSON array")]
    [DataRow("""{"__metadata__":{"k":1}}""", "'k' is a JSON number")]
    [DataRow("""{"__metadata__":{"k":{}}}""", "'k' is a JSON object")]
    public void Read_MetadataNotText_Refuses(string header, string what) => AssertRefused(_files.File(header, 0), what, "text");

    [TestMethod]
    [DataRow("F8_E4M3")]
    [DataRow("f32")]
    [DataRow("")]
    public void Read_UnknownDtype_ListsThoseRead(string dtype) =>
        AssertRefused(_files.File($$$"""{"x":{"dtype":"{{{dtype}}}","shape":[1],"data_offsets":[0,1]}}""", 1), $"tensor 'x' has dtype '{dtype}'", "F64, F32, F16, BF16");

    [TestMethod]
    [DataRow("3", "its description is a JSON number")]
    [DataRow("""{"dtype":5,"shape":[1],"data_offsets":[0,1]}""", "dtype is a JSON number")]
    [DataRow("""{"shape":[1],"data_offsets":[0,1]}""", "dtype is missing")]
    [DataRow("""{"dtype":"U8","data_offsets":[0,1]}""", "shape is missing")]
    [DataRow("""{"dtype":"U8","shape":[1]}""", "data_offsets is missing")]
    [DataRow("""{"dtype":"U8","shape":1,"data_offsets":[0,1]}""", "shape is a JSON number")]
    [DataRow("""{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}""", "shape[0] is not an integer")]
    [DataRow("""{"dtype":"U8","shape":[1,[2]],"data_offsets":[0,1]}""", "shape[1] is not an integer")]
    [DataRow("""{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}""", "shape[0] is not an integer")]
    [DataRow("""{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}""", "shape[0] is not an integer")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":"01"}""", "data_offsets is a JSON string")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":[0]}""", "data_offsets has 1 numbers")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}""", "data_offsets has 3 numbers")]
    [DataRow("""{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"U8","shape":[0,-1],"data_offsets":[0,0]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,0]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"U8","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}""", "is negative or overflows")]
    [DataRow("""{"dtype":"U8","shape":[2],"data_offsets":[0,1]}""", "hold 1 bytes; expected 2")]
    [DataRow("""{"dtype":"F32","shape":[1],"data_offsets":[0,1]}""", "hold 1 bytes; expected 4")]
    [DataRow("""{"dtype":"U8","shape":[2],"data_offsets":[0,2]}""", "data_offsets is [0, 2]")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}""", "data_offsets is [-1, 0]")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":[1,0]}""", "data_offsets is [1, 0]")]
    [DataRow("""{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]}""", "data_offsets is [9223372036854775806")]
    public void Read_TensorThatContradictsItself_NamesTensorAndField(string tensor, string what) =>
        AssertRefused(_files.File($$"""{"layer.weight":{{tensor}}}""", 1), "'layer.weight'", what);

    [TestMethod]
    public void Read_Overlap_NamesTheSecond() =>
        AssertRefused(_files.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""", 7), "tensor 'b'", "overlaps");

    [TestMethod]
    public void Read_SamePlaceTwice_Refuses() =>
        AssertRefused(_files.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4), "overlaps");

    [TestMethod]
    public void Read_Hole_NamesTheTensorAfterIt() =>
        AssertRefused(_files.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}""", 9), "tensor 'b'", "hole");

    [TestMethod]
    public void Read_TrailingBytes_Refuses() =>
        AssertRefused(_files.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 6), "2 bytes after the last tensor");

    [TestMethod]
    public void Read_CutShort_Refuses()
    {
        byte[] whole = File.ReadAllBytes(_files.File("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4));
        for (int length = 0; length < whole.Length; length++)
            AssertRefused(_files.Raw(whole[..length]), "made.safetensors");
    }

    [TestMethod]
    public void Read_AnyByteChanged_ReadsOrRefusesButNeverFailsOtherwise()
    {
        byte[] whole = File.ReadAllBytes(_files.File("""{"__metadata__":{"k":"é"},"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", 4));
        var random = new Random(7);
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] changed = [.. whole];
            for (int hit = random.Next(1, 4); hit > 0; hit--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                SafetensorsHeader read = SafetensorsHeader.Read(_files.Raw(changed));
                Assert.AreEqual(read.FileBytes, 8 + read.HeaderBytes + read.Entries.Sum(entry => entry.Bytes));
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(1000, refused);
    }

    [TestMethod]
    public void Read_HugeTensorName_KeepsTheMessageShort()
    {
        string path = _files.File(Encoding.UTF8.GetBytes($$"""{"{{new string('n', 100_000)}}":3}"""), 0);

        CheckpointException refusal = Assert.ThrowsExactly<CheckpointException>(() => SafetensorsHeader.Read(path));

        Assert.IsLessThan(1000, refusal.Message.Length);
    }

    private static void AssertRefused(string path, params string[] parts)
    {
        CheckpointException refusal = Assert.ThrowsExactly<CheckpointException>(() => SafetensorsHeader.Read(path));
        foreach (string part in (string[])[path, .. parts])
            Assert.Contains(part, refusal.Message);
    }
}
