using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Tests.Safetensors;

[TestClass]
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly SafetensorsBytes _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(23)]
    [DataRow(64)]
    public void Write_AnyNumberOfTensors_RoundTripsAndAlignsTheData(int count)
    {
        string path = _files.PathOf("out.safetensors");
        SafetensorsTensor[] tensors = [.. Enumerable.Range(0, count).Select(i => Bytes($"t{i}", ElementType.UInt8, [i], i))];

        SafetensorsWriter.Write(path, tensors);

        SafetensorsHeader header = SafetensorsHeader.Read(path);
        Assert.AreEqual(0, (8 + header.HeaderBytes) % 64);
        byte[] all = File.ReadAllBytes(path);
        for (int i = 0; i < count; i++)
        {
            SafetensorsEntry entry = header.Tensors[$"t{i}"];
            CollectionAssert.AreEqual(Enumerable.Range(0, i).Select(k => (byte)(i + k)).ToArray(), all[(int)entry.Offset..(int)(entry.Offset + entry.Bytes)]);
        }
    }

    [TestMethod]
    public void Write_MixedTypes_AlignsEachToItsElements()
    {
        string path = _files.PathOf("out.safetensors");

        SafetensorsWriter.Write(path, [Bytes("u8", ElementType.UInt8, [3], 3), Bytes("f16", ElementType.Float16, [1], 2), Bytes("f32", ElementType.Float, [1], 4), Bytes("i64", ElementType.Int64, [1], 8), Bytes("b", ElementType.Bool, [1], 1)]);

        SafetensorsHeader header = SafetensorsHeader.Read(path);
        CollectionAssert.AreEqual(new[] { "i64", "f32", "f16", "u8", "b" }, header.Entries.Select(entry => entry.Name).ToArray());
        foreach (SafetensorsEntry entry in header.Entries)
            Assert.AreEqual(0, entry.Offset % entry.Type.ByteSize(), entry.Name);
    }

    [TestMethod]
    public void Write_NamesAndMetadataOfAnyCharacters_RoundTrip()
    {
        string path = _files.PathOf("out.safetensors");
        var metadata = new Dictionary<string, string> { ["a \"quoted\"\n\0key"] = "{\"json\": \"\\ é 😀\"}", [""] = "" };

        SafetensorsWriter.Write(path, [Bytes("gewicht \"ü\"\t😀\u0001", ElementType.UInt8, [1], 1)], metadata);

        SafetensorsHeader header = SafetensorsHeader.Read(path);
        Assert.AreEqual("gewicht \"ü\"\t😀\u0001", header.Entries[0].Name);
        Assert.HasCount(2, header.Metadata);
        foreach ((string key, string value) in metadata)
            Assert.AreEqual(value, header.Metadata[key]);
    }

    [TestMethod]
    public void Write_Twice_GivesTheSameBytes()
    {
        string first = _files.PathOf("1"), second = _files.PathOf("2");
        SafetensorsTensor[] tensors = [Bytes("b", ElementType.UInt8, [2], 2), Bytes("a", ElementType.Float, [2], 8)];

        SafetensorsWriter.Write(first, tensors, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsWriter.Write(second, tensors, new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });

        CollectionAssert.AreEqual(File.ReadAllBytes(first), File.ReadAllBytes(second));
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(5)]
    public void Write_TensorOfWrongLength_FailsAndLeavesTheOldFile(int bytes)
    {
        string path = _files.PathOf("out.safetensors");
        File.WriteAllText(path, "old");

        InvalidOperationException fault = Assert.ThrowsExactly<InvalidOperationException>(() => SafetensorsWriter.Write(path, [Bytes("x", ElementType.Float, [1], bytes)]));

        Assert.Contains("'x'", fault.Message);
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(_files.Folder));
    }

    [TestMethod]
    public void Write_FaultyArguments_AreRefusedBeforeAnythingIsWritten()
    {
        string path = _files.PathOf("out.safetensors");

        foreach (SafetensorsTensor[] faulty in (SafetensorsTensor[][])
        [
            [Bytes("x", ElementType.UInt8, [1], 1), Bytes("x", ElementType.UInt8, [1], 1)],
            [Bytes("__metadata__", ElementType.UInt8, [1], 1)],
            [Bytes("x", ElementType.String, [1], 1)],
            [Bytes("x", ElementType.Int4, [2], 1)],
            [Bytes("x", ElementType.UInt8, [-1], 0)],
            [Bytes("x", ElementType.Double, [1L << 61], 0)],
        ])
        {
            Assert.ThrowsExactly<ArgumentException>(() => SafetensorsWriter.Write(path, faulty));
        }

        Assert.IsEmpty(Directory.GetFiles(_files.Folder));
    }

    private static SafetensorsTensor Bytes(string name, ElementType type, ImmutableArray<long> shape, int count) =>
        new(name, type, shape, stream =>
        {
            for (int k = 0; k < count; k++)
                stream.WriteByte((byte)(count + k));
        });
}
