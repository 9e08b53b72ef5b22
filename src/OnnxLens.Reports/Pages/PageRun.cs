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

    /// <summary>Numbers that are written together: the bytes of a whole array can be more than one span holds.</summary>
    private const int PieceLength = 1 << 20;

    private readonly List<(PageArray Array, Action<Stream> Write)> _arrays = [];
    private readonly List<Action<Utf8JsonWriter>> _members = [];

    /// <summary>Bytes of all arrays.</summary>
    internal long Bytes => _arrays.Sum(array => array.Array.Bytes);

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
        _arrays.Add((new PageArray(name, "f32", values.Length), stream => WriteNumbers<float>(stream, values.Span)));

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float})"/>
    internal void Add(string name, ReadOnlyMemory<double> values) =>
        _arrays.Add((new PageArray(name, "f64", values.Length), stream => WriteNumbers<double>(stream, values.Span)));

    /// <summary>Adds an array of whole numbers. It is read when the run is written.</summary>
    internal void Add(string name, ReadOnlyMemory<int> values) =>
        _arrays.Add((new PageArray(name, "i32", values.Length), stream => WriteNumbers<int>(stream, values.Span)));

    /// <summary>Writes the run's text: base64 alone, without line breaks.</summary>
    /// <exception cref="PageException">The header is longer than a page's may be.</exception>
    internal void Write(Stream stream)
    {
        using var encoded = new CryptoStream(stream, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true);
        using var packed = new GZipStream(encoded, CompressionLevel.Optimal);
        byte[] header = Header();
        if (header.Length > PageSize.MaxHeaderBytes)
            throw new PageException($"The page would hold {header.Length >> 20} MiB of texts, more than {PageSize.MaxHeaderBytes >> 20}. Ask for fewer tokens, or leave --html out: tables may be of any size.");
        WriteLength(packed, header.Length);
        packed.Write(header);
        Align(packed, sizeof(uint) + header.Length);
        foreach ((_, Action<Stream> write) in _arrays)
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
            foreach ((PageArray array, _) in _arrays)
            {
                json.WriteStartObject();
                json.WriteString("name", array.Name);
                json.WriteString("type", array.Type);
                json.WriteNumber("length", array.Length);
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
        long written = 0;
        for (ReadOnlySpan<T> rest = values; !rest.IsEmpty; rest = rest[Math.Min(PieceLength, rest.Length)..])
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(rest[..Math.Min(PieceLength, rest.Length)]);
            stream.Write(bytes);
            written += bytes.Length;
        }

        Align(stream, written);
    }

    private static void WriteLength(Stream stream, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        stream.Write(bytes);
    }

    private static void Align(Stream stream, long written) => stream.Write(stackalloc byte[(int)(-written & (Alignment - 1))]);
}
