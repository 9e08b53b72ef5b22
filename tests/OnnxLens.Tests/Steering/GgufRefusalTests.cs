using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

/// <summary>GGUF files that lie about themselves: refused with a message, before memory is taken for what they claim.</summary>
[TestClass]
public sealed class GgufRefusalTests : IDisposable
{
    private const ulong Huge = ulong.MaxValue;

    private readonly VectorFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    [DataRow(1u, "its version is 1")]
    [DataRow(4u, "its version is 4")]
    [DataRow(0x03000000u, "big-endian")]
    public void Read_Version_IsRefused(uint version, string what) => Refused(new GgufBytes { Version = version }, what);

    [TestMethod]
    [DataRow(Huge)]
    [DataRow(1ul << 62)]
    [DataRow((ulong)int.MaxValue)]
    [DataRow(1000ul)]
    public void Read_Counts_AreHeldAgainstTheFile(ulong count)
    {
        Refused(new GgufBytes { TensorCount = count }, $"it has {count} tensors");
        Refused(new GgufBytes { PairCount = count }, $"it has {count} key-value pairs");
    }

    [TestMethod]
    public void Read_CountsBelowTheTruth_AreRefused()
    {
        Refused(new GgufBytes { PairCount = 2 });
        Refused(new GgufBytes { TensorCount = 0 }, "holds no vector");
    }

    [TestMethod]
    [DataRow(Huge)]
    [DataRow(1ul << 40)]
    [DataRow(5000ul)]
    public void Read_LengthOfText_IsHeldAgainstTheFile(ulong length)
    {
        Refused(new GgufBytes { Pairs = [GgufBytes.UInt64(length)] }, $"a key says that it has {length} bytes");
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("k", 8, GgufBytes.UInt64(length))] }, $"'k' says that it has {length} bytes");
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("k", 9, [.. GgufBytes.UInt32(8), .. GgufBytes.UInt64(1), .. GgufBytes.UInt64(length)])] }, "within the value of 'k'");
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("k", 9, [.. GgufBytes.UInt32(4), .. GgufBytes.UInt64(length)])] }, $"has {length} items in the value of 'k'");
    }

    [TestMethod]
    public void Read_ValuesOfUnknownForm_AreRefused()
    {
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("k", 13, new byte[8])] }, "unknown type 13");
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("k", 9, [.. GgufBytes.UInt32(9), .. GgufBytes.UInt64(1)])] }, "an array of arrays");
        Refused(new GgufBytes { Pairs = [GgufBytes.UInt32("k", 1), GgufBytes.UInt32("k", 1)] }, "the key 'k' comes twice");
    }

    [TestMethod]
    [DataRow(0u)]
    [DataRow(24u)]
    [DataRow(uint.MaxValue)]
    public void Read_AlignmentThatIsNoPowerOfTwo_IsRefused(uint alignment) =>
        Refused(new GgufBytes { Pairs = [GgufBytes.UInt32("general.alignment", alignment)] }, $"'general.alignment' is {alignment}");

    [TestMethod]
    public void Read_AlignmentOfOtherTypeOrBeyondTheFile_IsRefused()
    {
        Refused(new GgufBytes { Pairs = [GgufBytes.Raw("general.alignment", 10, GgufBytes.UInt64(32))] }, "of another type");
        Refused(new GgufBytes { Pairs = [GgufBytes.UInt32("general.alignment", 1u << 31)] }, "which are 0 bytes");
    }

    [TestMethod]
    [DataRow(Huge, 0ul)]
    [DataRow(1ul << 62, 0ul)]
    [DataRow(0x4000000000000003ul, 0ul)]
    [DataRow(17ul, 0ul)]
    [DataRow(3ul, 64ul)]
    [DataRow(3ul, 1ul << 63)]
    [DataRow(3ul, 0xFFFFFFFFFFFFFFE0ul)]
    [DataRow(1ul, 4ul)]
    public void Read_SizeOrOffset_IsHeldAgainstTheFile(ulong size, ulong offset) =>
        Refused(new GgufBytes { Tensors = [("direction.1", [size], 0, offset)] }, $"'direction.1' says that its {size} values begin at byte {offset}");

    [TestMethod]
    public void Read_Shapes_AreRefused()
    {
        Refused(new GgufBytes { Tensors = [("direction.1", [3, 2], 0, 0)] }, "shape [2, 3]");
        Refused(new GgufBytes { Tensors = [("direction.1", [1ul << 32, 1ul << 32], 0, 0)] }, "has the shape");
        Refused(new GgufBytes { Tensors = [("direction.1", [], 0, 0)] }, "0 dimensions");
        Refused(new GgufBytes { Tensors = [("direction.1", [1, 1, 1, 1, 1], 0, 0)] }, "5 dimensions");
        Refused(new GgufBytes { Tensors = [("direction.1", [0], 0, 0)] }, "'direction.1' has no values");
        Refused(new GgufBytes { Tensors = [("direction.1", [3], 0, 0), ("direction.2", [2], 0, 32)] }, "'direction.2' has 2 values, but 'direction.1' has 3");
    }

    [TestMethod]
    public void Read_TensorsThatOverlapOrRepeat_AreRefused()
    {
        Refused(new GgufBytes { Tensors = [("direction.1", [3], 0, 0), ("direction.2", [3], 0, 0)] }, "overlaps");
        Refused(new GgufBytes { Tensors = [("direction.1", [3], 0, 0), ("direction.01", [3], 0, 32)] }, "'direction.1' and 'direction.01' are both the vector at 'resid_post.1'");
    }

    [TestMethod]
    [DataRow("direction")]
    [DataRow("direction.")]
    [DataRow("direction.-1")]
    [DataRow("direction.99999999999")]
    [DataRow("direction.1.weight")]
    [DataRow("blk.0.attn_q.weight")]
    public void Read_OtherNames_AreRefused(string name) => Refused(new GgufBytes { Tensors = [(name, [3], 0, 0)] }, $"'{name}' is no direction");

    [TestMethod]
    public void Read_QuantisedOrNotFiniteOrModel_IsRefused()
    {
        Refused(new GgufBytes { Tensors = [("direction.1", [3], 8, 0)] }, "ggml type 8", "without quantising");
        Refused(new GgufBytes { Data = [.. GgufBytes.Floats(1, float.NaN, 3), .. new byte[52]] }, "'direction.1' has NaN as value 1");
        Refused(new GgufBytes { Pairs = [GgufBytes.Text("general.architecture", "llama")] }, "architecture is 'llama', not 'controlvector'", "may be a model");
        Refused(new GgufBytes { Pairs = [GgufBytes.UInt32("general.architecture", 1)] }, "architecture is 'no text'");
    }

    [TestMethod]
    public void Read_CutAtAnyByte_IsRefused()
    {
        byte[] whole = new GgufBytes().ToArray();
        int needed = whole.Length - 20;
        for (int length = 1; length < needed; length++)
        {
            VectorFiles.AssertRefused(_files.Write("v.gguf", whole[..length]));
        }

        Assert.HasCount(2, VectorFile.Read(_files.Write("v.gguf", whole[..needed])).Vectors[0].Layers, "the padding after the last tensor may be missing");
    }

    [TestMethod]
    public void Read_AnyBytesChanged_ReadsOrRefusesAndTakesLittleMemory()
    {
        byte[] whole = new GgufBytes { Pairs = [.. new GgufBytes().Pairs, GgufBytes.Raw("list", 9, [.. GgufBytes.UInt32(8), .. GgufBytes.UInt64(1), .. GgufBytes.Text("x")])] }.ToArray();
        var random = new Random(11);
        int refused = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        const int trials = 1500;
        for (int trial = 0; trial < trials; trial++)
        {
            byte[] changed = [.. whole];
            for (int hit = random.Next(1, 4); hit > 0; hit--)
            {
                changed[random.Next(4, changed.Length)] = (byte)(random.Next(2) == 0 ? 0xFF : random.Next(256));
            }

            try
            {
                Assert.IsLessThan(100, VectorFile.Read(_files.Write("v.gguf", changed)).HiddenSize);
            }
            catch (VectorException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(trials / 3, refused);
        Assert.IsLessThan(200_000L, (GC.GetAllocatedBytesForCurrentThread() - before) / trials);
    }

    private void Refused(GgufBytes made, params string[] parts) => VectorFiles.AssertRefused(_files.Write("v.gguf", made.ToArray()), parts);
}
