using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace OnnxLens.Safetensors;

/// <summary>
/// The header of a safetensors file, found sound: every tensor lies within the file at its right size, and together
/// they cover the data without overlap or hole.
/// </summary>
/// <remarks>The format: 8 bytes little-endian length, that many bytes of JSON, then the data (huggingface/safetensors, "Format").</remarks>
public sealed class SafetensorsHeader
{
    /// <summary>The largest header that is read, in bytes; the same as in the reference implementation.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    /// <summary>Bytes before the header: its length.</summary>
    internal const int PrefixBytes = 8;

    private SafetensorsHeader(long fileBytes, byte[] prefixAndHeader, ImmutableArray<SafetensorsEntry> entries, FrozenDictionary<string, string> metadata)
    {
        FileBytes = fileBytes;
        HeaderBytes = prefixAndHeader.Length - PrefixBytes;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(prefixAndHeader));
        Entries = entries;
        Tensors = entries.ToFrozenDictionary(entry => entry.Name, StringComparer.Ordinal);
        Metadata = metadata;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors { get; }

    /// <summary>The tensors in the order of their bytes in the file.</summary>
    public ImmutableArray<SafetensorsEntry> Entries { get; }

    /// <summary>The free text of the file, by key. Empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>SHA-256 of the 8 length bytes and the header, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long FileBytes { get; }

    /// <summary>Bytes of the JSON header, without the 8 that hold its length. Data begins at <c>8 + HeaderBytes</c>.</summary>
    public long HeaderBytes { get; }

    /// <summary>Reads and checks the header of a file. The data is not read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file cannot be read or breaks the format; the message names file, tensor and field.</exception>
    public static SafetensorsHeader Read(string path)
    {
        using FileStream stream = OpenFile(path);
        return Read(stream, path);
    }

    /// <summary>Opens a file for reading, with the errors of this class.</summary>
    internal static FileStream OpenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            PlainFile.RequireNoFolder(path);
            if (PlainFile.IsEmpty(path))
                throw SafetensorsHeaderParser.Broken(path, "the file is empty (it is truncated, or a pipe or a device in place of a file)", "at least 8, which hold the header's length");
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"Cannot read '{path}': {refusal.Message} Give the path of a .safetensors file that exists and may be read.", refusal);
        }
    }

    /// <summary>Reads the header from the start of an open file.</summary>
    internal static SafetensorsHeader Read(FileStream stream, string path)
    {
        if (!stream.CanSeek)
            throw new CheckpointException($"'{path}' is a pipe or a device; expected a file on a disk. Save it to one first.");
        try
        {
            long fileBytes = stream.Length;
            byte[] prefixAndHeader = ReadPrefixAndHeader(stream, path, fileBytes);
            var parser = new SafetensorsHeaderParser(path, prefixAndHeader, fileBytes);
            parser.Parse();
            return new SafetensorsHeader(fileBytes, prefixAndHeader, parser.Entries, parser.Metadata);
        }
        catch (IOException refusal)
        {
            throw new CheckpointException($"Cannot read '{path}': {refusal.Message} Check the disk, or download the file again.", refusal);
        }
    }

    private static byte[] ReadPrefixAndHeader(FileStream stream, string path, long fileBytes)
    {
        if (fileBytes < PrefixBytes)
            throw SafetensorsHeaderParser.Broken(path, $"the file has {fileBytes} bytes", "at least 8, which hold the header's length");
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        stream.ReadExactly(prefix);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > MaxHeaderBytes)
            throw SafetensorsHeaderParser.Broken(path, $"header length is {headerBytes}", $"at most {MaxHeaderBytes} bytes");
        if (headerBytes > (ulong)(fileBytes - PrefixBytes))
            throw SafetensorsHeaderParser.Broken(path, $"header length is {headerBytes}", $"at most {fileBytes - PrefixBytes}, which is what the file has after its first 8 bytes");
        byte[] bytes = new byte[PrefixBytes + (int)headerBytes];
        prefix.CopyTo(bytes);
        stream.ReadExactly(bytes.AsSpan(PrefixBytes));
        return bytes;
    }
}
