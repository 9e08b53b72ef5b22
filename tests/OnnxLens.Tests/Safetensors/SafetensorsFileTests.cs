using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Tests.Safetensors;

[TestClass]
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly SafetensorsBytes _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void ReadSingles_EveryFloatType_Widens()
    {
        float[] values = [0f, -0f, 1.5f, -2.25f, 65504f, 6.1035156e-5f, float.PositiveInfinity, float.NaN];
        string path = Write(
            Tensor<double>("f64", ElementType.Double, [8], Array.ConvertAll(values, value => (double)value)),
            Tensor("f32", ElementType.Float, [2, 4], values),
            Tensor("f16", ElementType.Float16, [8], Array.ConvertAll(values, value => (Half)value)),
            Tensor("bf16", ElementType.BFloat16, [3], new ushort[] { 0x3FC0, 0xC010, 0x7F80 }));

        using var file = SafetensorsFile.Open(path);

        CollectionAssert.AreEqual(values, file.ReadSingles("f64"));
        CollectionAssert.AreEqual(values, file.ReadSingles("f32"));
        CollectionAssert.AreEqual(values, file.ReadSingles("f16"));
        CollectionAssert.AreEqual(new[] { 1.5f, -2.25f, float.PositiveInfinity }, file.ReadSingles("bf16"));
    }

    [TestMethod]
    public void ReadSingles_Float32_KeepsEveryBit()
    {
        uint[] bits = [0x7FC00001, 0x80000000, 0x00000001, 0xFF800000, 0x7F7FFFFF];
        using var file = SafetensorsFile.Open(Write(Tensor("x", ElementType.Float, [5], bits)));

        CollectionAssert.AreEqual(bits, MemoryMarshal.Cast<float, uint>(file.ReadSingles("x")).ToArray());
    }

    [TestMethod]
    public void ReadInt64_BothIntegerTypes_KeepSign()
    {
        using var file = SafetensorsFile.Open(Write(
            Tensor("i64", ElementType.Int64, [3], new long[] { long.MinValue, -1, long.MaxValue }),
            Tensor("i32", ElementType.Int32, [3], new int[] { int.MinValue, -1, int.MaxValue })));

        CollectionAssert.AreEqual(new[] { long.MinValue, -1, long.MaxValue }, file.ReadInt64("i64"));
        CollectionAssert.AreEqual(new long[] { int.MinValue, -1, int.MaxValue }, file.ReadInt64("i32"));
    }

    [TestMethod]
    public void ReadSingles_MoreThanOneChunkAndMisaligned_ReadsAll()
    {
        const int count = (1 << 20) + 17;
        float[] expected = [.. Enumerable.Range(0, count).Select(i => (float)i)];
        byte[] header = Encoding.UTF8.GetBytes($$$"""{"x":{"dtype":"F32","shape":[{{{count}}}],"data_offsets":[1,{{{1 + (4 * count)}}}]},"o":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""");
        string path = _files.File((ulong)header.Length, header, [9, .. MemoryMarshal.AsBytes<float>(expected)]);

        using var file = SafetensorsFile.Open(path);

        Assert.IsTrue(file.ReadSingles("x").AsSpan().SequenceEqual(expected));
    }

    [TestMethod]
    public void ReadSingles_EmptyTensorAndScalar_Read()
    {
        using var file = SafetensorsFile.Open(Write(
            Tensor("none", ElementType.Float, [3, 0], Array.Empty<float>()),
            Tensor("one", ElementType.Float, [], new float[] { 4 })));

        Assert.IsEmpty(file.ReadSingles("none"));
        CollectionAssert.AreEqual(new[] { 4f }, file.ReadSingles("one"));
    }

    [TestMethod]
    public void ReadSingles_UnknownName_ListsSome()
    {
        using var file = SafetensorsFile.Open(Write(Tensor("x", ElementType.Float, [1], new float[] { 1 })));

        CheckpointException refusal = Assert.ThrowsExactly<CheckpointException>(() => file.ReadSingles("y"));

        Assert.Contains("no tensor 'y'. It has 1: x", refusal.Message);
    }

    [TestMethod]
    public void Read_OtherType_NamesTensorAndType()
    {
        using var file = SafetensorsFile.Open(Write(
            Tensor("i", ElementType.Int64, [1], new long[] { 1 }),
            Tensor("f", ElementType.Float, [1], new float[] { 1 })));

        Assert.Contains("'i' is I64", Assert.ThrowsExactly<CheckpointException>(() => file.ReadSingles("i")).Message);
        Assert.Contains("'f' is F32", Assert.ThrowsExactly<CheckpointException>(() => file.ReadInt64("f")).Message);
    }

    [TestMethod]
    public void ReadSingles_DestinationOfOtherLength_IsTheCallersFault()
    {
        using var file = SafetensorsFile.Open(Write(Tensor("x", ElementType.Float, [2], new float[] { 1, 2 })));

        Assert.ThrowsExactly<ArgumentException>(() => file.ReadSingles("x", new float[3]));
    }

    [TestMethod]
    public void ReadSingles_AfterDispose_Throws()
    {
        var file = SafetensorsFile.Open(Write(Tensor("x", ElementType.Float, [1], new float[] { 1 })));
        file.Dispose();

        Assert.ThrowsExactly<ObjectDisposedException>(() => file.ReadSingles("x"));
    }

    [TestMethod]
    public void Open_MalformedFile_RefusesAndReleasesIt()
    {
        string path = _files.File("[]", 0);

        Assert.ThrowsExactly<CheckpointException>(() => SafetensorsFile.Open(path));

        using var exclusive = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.AreEqual(10, exclusive.Length);
    }

    private static SafetensorsTensor Tensor<T>(string name, ElementType type, ImmutableArray<long> shape, T[] values) where T : unmanaged =>
        new(name, type, shape, stream => stream.Write(MemoryMarshal.AsBytes<T>(values)));

    private string Write(params SafetensorsTensor[] tensors)
    {
        string path = _files.PathOf("file.safetensors");
        SafetensorsWriter.Write(path, tensors);
        return path;
    }
}
