using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>Writes safetensors files, whole or not at all.</summary>
/// <remarks>
/// The header is padded with spaces so that the data begins at a multiple of 64 bytes. Tensors are laid out by falling
/// element size (else in the order given), so that each is aligned to its elements, as other readers want it.
/// </remarks>
public static class SafetensorsWriter
{
    private const int DataAlignment = 64;

    /// <summary>Writes a file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What to write; each is asked for its bytes once.</param>
    /// <param name="metadata">Free text by key, or null.</param>
    /// <exception cref="ArgumentException">A name is used twice or reserved, or a type or shape is not one of the format.</exception>
    /// <exception cref="InvalidOperationException">A tensor wrote another number of bytes than its shape has.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        (SafetensorsTensor Tensor, long Bytes)[] laidOut =
            [.. tensors.Select(tensor => (tensor, Bytes(tensor))).OrderByDescending(item => item.tensor.Type.ByteSize())];
        byte[] header = Header(laidOut, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach ((SafetensorsTensor tensor, long bytes) in laidOut)
            {
                using var counted = new CountedStream(stream, tensor.Name, bytes);
                tensor.Write(counted);
                counted.CheckComplete();
            }
        });
    }

    private static long Bytes(SafetensorsTensor tensor)
    {
        if (SafetensorsTypes.NameOf(tensor.Type) is null)
            throw new ArgumentException($"Tensor '{tensor.Name}' is of type {tensor.Type}; the format has {SafetensorsTypes.Names}.", nameof(tensor));
        return SafetensorsTypes.Bytes(tensor.Type, tensor.Shape.AsSpan())
            ?? throw new ArgumentException($"Tensor '{tensor.Name}' has the shape [{string.Join(", ", tensor.Shape)}], which is negative or overflows.", nameof(tensor));
    }

    private static byte[] Header((SafetensorsTensor Tensor, long Bytes)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(new byte[SafetensorsHeader.PrefixBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, tensors);
            json.WriteEndObject();
        }
        int padding = -buffer.WrittenCount & (DataAlignment - 1);
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - SafetensorsHeader.PrefixBytes);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null or { Count: 0 })
            return;
        json.WriteStartObject(SafetensorsHeaderParser.MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, (SafetensorsTensor Tensor, long Bytes)[] tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeaderParser.MetadataKey };
        long begin = 0;
        foreach ((SafetensorsTensor tensor, long bytes) in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"The tensor name '{tensor.Name}' is used twice or reserved.", nameof(tensors));
            long end = checked(begin + bytes);
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", SafetensorsTypes.NameOf(tensor.Type));
            WriteIntegers(json, "shape", tensor.Shape.AsSpan());
            WriteIntegers(json, "data_offsets", [begin, end]);
            json.WriteEndObject();
            begin = end;
        }
    }

    private static void WriteIntegers(Utf8JsonWriter json, string field, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(field);
        foreach (long value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
