using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>Reads a run as <see cref="PageRun"/> writes it, in one pass and without more memory than its header and the array asked for.</summary>
internal sealed class PageRunReader : IDisposable
{
    private readonly Stream _packed;
    private readonly JsonDocument _header;
    private long _offset;

    private PageRunReader(Stream packed)
    {
        _packed = packed;
        int length = checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Bytes(sizeof(uint))));
        if (length > PageSize.MaxHeaderBytes)
            throw new InvalidDataException($"its header has {length} bytes, more than {PageSize.MaxHeaderBytes}");
        _header = JsonDocument.Parse(Bytes(length));
        if (Header.GetProperty("format").GetInt32() == PageRun.Format)
            Arrays = [.. Header.GetProperty("arrays").EnumerateArray().Select(PageArray.Of)];
    }

    /// <summary>The header.</summary>
    internal JsonElement Header => _header.RootElement;

    /// <summary>The arrays in their order; none where the run has another form than this program reads.</summary>
    internal ImmutableArray<PageArray> Arrays { get; } = [];

    /// <summary>Reads a run, and turns whatever is wrong in its bytes into one kind of exception.</summary>
    /// <param name="text">Base64.</param>
    /// <param name="read">Reads header and arrays.</param>
    /// <exception cref="InvalidDataException">The bytes are no run.</exception>
    internal static T Read<T>(byte[] text, Func<PageRunReader, T> read)
    {
        if (!Base64.IsValid(text))
            throw new InvalidDataException("it is not base64");
        try
        {
            using var encoded = new MemoryStream(text, writable: false);
            using var decoded = new CryptoStream(encoded, new FromBase64Transform(), CryptoStreamMode.Read);
            using var packed = new GZipStream(decoded, CompressionMode.Decompress);
            using var reader = new PageRunReader(packed);
            return read(reader);
        }
        catch (Exception damage) when (damage is FormatException or JsonException or EndOfStreamException or OverflowException or KeyNotFoundException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException(damage.Message.TrimEnd('.'), damage);
        }
    }

    /// <summary>Passes over all arrays and keeps one; it must be there, and nothing may follow the last.</summary>
    /// <param name="name">The array's name.</param>
    /// <exception cref="InvalidDataException">The bytes are other than the header says.</exception>
    internal int[] Whole(string name)
    {
        int[]? kept = null;
        foreach (PageArray array in Arrays)
        {
            Align();
            if (array.Name == name && array.Type == "i32")
                kept = MemoryMarshal.Cast<byte, int>(Bytes(checked((int)array.Bytes))).ToArray();
            else
                Skip(array.Bytes);
        }

        Align();
        if (_packed.ReadByte() >= 0)
            throw new InvalidDataException("it is longer than its header says");
        return kept ?? throw new InvalidDataException($"it has no '{name}'");
    }

    /// <inheritdoc/>
    public void Dispose() => _header.Dispose();

    private byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _packed.ReadExactly(bytes);
        _offset += length;
        return bytes;
    }

    private void Align() => Skip(-_offset & (PageRun.Alignment - 1));

    private void Skip(long length)
    {
        Span<byte> buffer = stackalloc byte[1 << 12];
        for (long left = length; left > 0;)
        {
            Span<byte> part = buffer[..(int)Math.Min(left, buffer.Length)];
            _packed.ReadExactly(part);
            left -= part.Length;
        }

        _offset += length;
    }
}
