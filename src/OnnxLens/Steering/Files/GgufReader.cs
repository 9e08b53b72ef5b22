using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace OnnxLens.Steering.Files;

/// <summary>Reads the parts of a GGUF file one after the other. Every count and length is held against the bytes that are left before anything is made for it. Borrows the stream.</summary>
/// <remarks>The format: magic, version, number of tensors and of key-value pairs, the pairs, the tensors' descriptions, then aligned data; all little-endian (ggml's docs/gguf.md).</remarks>
internal sealed class GgufReader(Stream stream, string path)
{
    private const uint OldestVersion = 2;
    private const uint NewestVersion = 3;
    private const int MaxNameBytes = 1 << 16;
    private const int MaxTextBytes = 1 << 26;
    private const int MaxDimensions = 4;
    private const int PairBytes = 8 + 4 + 1;
    private const int TensorBytes = 8 + 4 + 8 + 4 + 8;

    private readonly long _length = stream.Length;
    private long _position;

    /// <summary>Bytes of the whole file.</summary>
    internal long Length => _length;

    /// <summary>Where the data begin, once the descriptions are read: at the next multiple of the alignment.</summary>
    internal long DataStart(uint alignment) => GgufVectors.Align(_position, alignment);

    /// <summary>An error in the file.</summary>
    internal VectorException Broken(string what, string fix = "Make the file again.") => DirectionSet.Broken(path, $"not a sound GGUF file: {what}", fix);

    /// <summary>Reads magic and version, then how many tensors and pairs there are.</summary>
    internal (int Tensors, int Pairs) ReadCounts()
    {
        Skip(4, "the magic");
        uint version = UInt32("the version");
        if (version is < OldestVersion or > NewestVersion)
        {
            throw BinaryPrimitives.ReverseEndianness(version) is >= OldestVersion and <= NewestVersion
                ? Broken("it is big-endian", "Convert it to little-endian.")
                : Broken($"its version is {version}; versions 2 and 3 are read", "Convert it with a current llama.cpp.");
        }

        ulong tensors = UInt64("the number of tensors");
        ulong pairs = UInt64("the number of key-value pairs");
        return (Count(tensors, TensorBytes, "tensors"), Count(pairs, PairBytes, "key-value pairs"));
    }

    /// <summary>Reads a pair; the value is null where it is neither a text nor a whole number of 32 bits.</summary>
    internal (string Key, object? Value) ReadPair()
    {
        string key = Text("a key", MaxNameBytes);
        string what = $"the value of {DirectionSet.Quoted(key)}";
        var type = (GgufType)UInt32($"the type of {DirectionSet.Quoted(key)}");
        switch (type)
        {
            case GgufType.Text:
                return (key, Text(what, MaxTextBytes));
            case GgufType.UInt32:
                return (key, UInt32(what));
            case GgufType.Array:
                SkipArray(what);
                return (key, null);
            default:
                Skip((ulong)Size(type, what), what);
                return (key, null);
        }
    }

    /// <summary>Reads the description of a tensor.</summary>
    internal GgufTensor ReadTensor()
    {
        string name = Text("a tensor's name", MaxNameBytes);
        string what = $"the description of tensor {DirectionSet.Quoted(name)}";
        uint dimensions = UInt32(what);
        if (dimensions is 0 or > MaxDimensions)
        {
            throw Broken($"tensor {DirectionSet.Quoted(name)} has {dimensions} dimensions; expected 1 to {MaxDimensions}");
        }

        ImmutableArray<ulong>.Builder sizes = ImmutableArray.CreateBuilder<ulong>((int)dimensions);
        for (int i = 0; i < dimensions; i++)
        {
            sizes.Add(UInt64(what));
        }

        return new GgufTensor(name, sizes.MoveToImmutable(), UInt32(what), UInt64(what));
    }

    private void SkipArray(string what)
    {
        var type = (GgufType)UInt32(what);
        ulong count = UInt64(what);
        if (type == GgufType.Array)
        {
            throw Broken($"{what} is an array of arrays");
        }

        int size = type == GgufType.Text ? sizeof(ulong) : Size(type, what);
        int items = Count(count, size, $"items in {what}");
        if (type != GgufType.Text)
        {
            Skip((ulong)items * (ulong)size, what);
            return;
        }

        for (int i = 0; i < items; i++)
        {
            Skip(UInt64(what), what);
        }
    }

    private int Size(GgufType type, string what) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Bool => 1,
        GgufType.UInt16 or GgufType.Int16 => 2,
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 => 8,
        _ => throw Broken($"{what} is of the unknown type {(uint)type}"),
    };

    private int Count(ulong count, int leastBytes, string things)
    {
        long most = Math.Min(int.MaxValue, (_length - _position) / leastBytes);
        return count <= (ulong)most
            ? (int)count
            : throw Broken($"it says that it has {count} {things}, but the {_length - _position} bytes that are left hold at most {most}");
    }

    private string Text(string what, int most)
    {
        ulong bytes = UInt64($"the length of {what}");
        if (bytes > (ulong)Math.Min(most, _length - _position))
        {
            throw Broken($"{what} says that it has {bytes} bytes; {_length - _position} are left, and at most {most} are read");
        }

        byte[] text = new byte[bytes];
        Take(text, what);
        return Encoding.UTF8.GetString(text);
    }

    private uint UInt32(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Take(bytes, what);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private ulong UInt64(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Take(bytes, what);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Take(Span<byte> bytes, string what)
    {
        Require((ulong)bytes.Length, what);
        stream.ReadExactly(bytes);
        _position += bytes.Length;
    }

    private void Skip(ulong bytes, string what)
    {
        Require(bytes, what);
        _position += (long)bytes;
        stream.Position = _position;
    }

    private void Require(ulong bytes, string what)
    {
        if (bytes > (ulong)(_length - _position))
        {
            throw Broken($"it ends at byte {_length} within {what}");
        }
    }
}
