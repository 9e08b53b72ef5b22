using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxLens.Tests.Steering;

/// <summary>Makes GGUF files by hand, as the format's document says, sound or not.</summary>
internal sealed record GgufBytes
{
    public uint Version { get; init; } = 3;

    public List<byte[]> Pairs { get; init; } = [Text("general.architecture", "controlvector"), Text("controlvector.model_hint", "llama"), UInt32("controlvector.layer_count", 2)];

    public List<(string Name, ulong[] Sizes, uint Type, ulong Offset)> Tensors { get; init; } = [("direction.1", [3], 0, 0), ("direction.2", [3], 0, 32)];

    public byte[] Data { get; init; } = [.. Floats(1, 2, 3), .. new byte[20], .. Floats(4, 5, 6), .. new byte[20]];

    public int Alignment { get; init; } = 32;

    public ulong? TensorCount { get; init; }

    public ulong? PairCount { get; init; }

    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    public static byte[] Text(string key, string value) => [.. Text(key), .. UInt32(8), .. Text(value)];

    public static byte[] UInt32(string key, uint value) => [.. Text(key), .. UInt32(4), .. UInt32(value)];

    /// <summary>A pair whose type and value are any bytes.</summary>
    public static byte[] Raw(string key, uint type, params byte[] value) => [.. Text(key), .. UInt32(type), .. value];

    public static byte[] Text(string text) => [.. UInt64((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] UInt64(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    public byte[] ToArray()
    {
        List<byte> bytes = [.. "GGUF"u8, .. UInt32(Version), .. UInt64(TensorCount ?? (ulong)Tensors.Count), .. UInt64(PairCount ?? (ulong)Pairs.Count)];
        bytes.AddRange(Pairs.SelectMany(pair => pair));
        foreach ((string name, ulong[] sizes, uint type, ulong offset) in Tensors)
        {
            bytes.AddRange([.. Text(name), .. UInt32((uint)sizes.Length), .. sizes.SelectMany(UInt64), .. UInt32(type), .. UInt64(offset)]);
        }

        bytes.AddRange(new byte[(Alignment - (bytes.Count % Alignment)) % Alignment]);
        return [.. bytes, .. Data];
    }
}
