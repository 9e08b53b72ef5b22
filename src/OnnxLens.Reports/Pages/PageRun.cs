using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>
/// The data of one run as a page holds it: a header and arrays of numbers, in gzip, in base64 (docs/adr/0020-pages.md).
/// </summary>
/// <param name="kind">Which page reads it.</param>
internal sealed class PageRun(string kind)
{
    /// <summary>The number that changes when the meaning of the header or the arrays does.</summary>
    internal const int Format = 1;

    /// <summary>Every array begins at a multiple of this many bytes, so that a reader can look at it in place.</summary>
    internal const int Alignment = sizeof(double);

    private readonly List<(string Name, string Type, int Length, Action<Stream> Write)> _arrays = [];
    private readonly List<Action<Utf8JsonWriter>> _members = [];

    /// <summary>Adds a member of the header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="write">Writes its value.</param>
    internal void Add(string name, Action<Utf8JsonWriter> write) => _members.Add(json =>
    {
        json.WritePropertyName(name);
        write(json);
    });

    /// <summary>Adds an array of real numbers; NaN is undefined. It is read when the run is written.</summary>
    internal void Add(string name, ReadOnlyMemory<float> values) =>
        _arrays.Add((name, "f32", values.Length, stream => WriteNumbers<float>(stream, values.Span)));

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float})"/>
    internal void Add(string name, ReadOnlyMemory<double> values) =>
        _arrays.Add((name, "f64", values.Length, stream => WriteNumbers<double>(stream, values.Span)));

    /// <summary>Adds an array of whole numbers. It is read when the run is written.</summary>
    internal void Add(string name, ReadOnlyMemory<int> values) =>
        _arrays.Add((name, "i32", values.Length, stream => WriteNumbers<int>(stream, values.Span)));

    /// <summary>Writes the run's text: base64 alone, without line breaks.</summary>
    internal void Write(Stream stream)
    {
        using var encoded = new CryptoStream(stream, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true);
        using var packed = new GZipStream(encoded, CompressionLevel.Optimal);
        byte[] header = Header();
        WriteLength(packed, header.Length);
        packed.Write(header);
        Align(packed, sizeof(uint) + header.Length);
        foreach ((_, _, _, Action<Stream> write) in _arrays)
            write(packed);
    }

    private byte[] Header()
    {
        using var bytes = new MemoryStream();
        JsonFiles.Write(bytes, indented: false, json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteNumber("format", Format);
            json.WriteStartArray("arrays");
            foreach ((string name, string type, int length, _) in _arrays)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("type", type);
                json.WriteNumber("length", length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            _members.ForEach(write => write(json));
            json.WriteEndObject();
        });
        return bytes.ToArray();
    }

    private static void WriteNumbers<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        stream.Write(bytes);
        Align(stream, bytes.Length);
    }

    private static void WriteLength(Stream stream, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        stream.Write(bytes);
    }

    private static void Align(Stream stream, int written) => stream.Write(stackalloc byte[-written & (Alignment - 1)]);
}
