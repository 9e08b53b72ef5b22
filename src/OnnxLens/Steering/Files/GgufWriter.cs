using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxLens.Steering.Files;

/// <summary>Writes a control vector as a GGUF file of version 3.</summary>
internal static class GgufWriter
{
    private const uint Version = 3;

    /// <summary>Writes the whole file; tensors by ascending layer.</summary>
    internal static void Write(Stream stream, SteeringVector vector)
    {
        stream.Write("GGUF"u8);
        UInt32(stream, Version);
        UInt64(stream, vector.Layers.Count);
        UInt64(stream, 4);
        Text(stream, GgufVectors.ArchitectureKey, GgufVectors.Architecture);
        Text(stream, GgufVectors.HintKey, vector.Origin?.Model ?? "");
        Text(stream, GgufVectors.CountKey);
        UInt32(stream, (uint)GgufType.UInt32);
        UInt32(stream, (uint)vector.Layers.Count);
        Text(stream, VectorMetadata.Key, VectorMetadata.Write([vector]));
        long bytes = GgufVectors.Align((long)vector.HiddenSize * sizeof(float));
        long offset = 0;
        foreach (int layer in vector.Layers.Keys)
        {
            Text(stream, GgufVectors.Prefix + layer.ToString(CultureInfo.InvariantCulture));
            UInt32(stream, 1);
            UInt64(stream, vector.HiddenSize);
            UInt32(stream, GgufVectors.Float32);
            UInt64(stream, offset);
            offset += bytes;
        }

        Pad(stream);
        foreach (ImmutableArray<float> values in vector.Layers.Values)
        {
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
            Pad(stream);
        }
    }

    private static void Pad(Stream stream) => stream.Write(new byte[GgufVectors.Align(stream.Position) - stream.Position]);

    private static void Text(Stream stream, string key, string value)
    {
        Text(stream, key);
        UInt32(stream, (uint)GgufType.Text);
        Text(stream, value);
    }

    private static void Text(Stream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        UInt64(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static void UInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void UInt64(Stream stream, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
