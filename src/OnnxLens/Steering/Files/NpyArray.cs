using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace OnnxLens.Steering.Files;

/// <summary>An array as numpy saves it, in single precision and row-major.</summary>
/// <remarks>The format: magic, version, length of the header (2 bytes in version 1, 4 in 2 and 3), the header as a Python literal, the data (numpy.lib.format).</remarks>
/// <param name="Shape">Its sizes; one or two.</param>
/// <param name="Values">Its values; half types widened exactly, doubles rounded to nearest.</param>
internal sealed partial record NpyArray(ImmutableArray<int> Shape, float[] Values)
{
    /// <summary>More values than any file of vectors has: what a small archive may not unfold to.</summary>
    internal const long MaxValues = 1 << 24;

    private const int MaxHeaderBytes = 1 << 16;
    private const int StartBytes = 8;

    /// <summary>The first bytes of such a file.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads an array to its end.</summary>
    /// <param name="stream">Where it begins. Need not seek.</param>
    /// <param name="bytes">Bytes that it says it has.</param>
    /// <param name="name">The array, for messages.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="VectorException">It is no such array, not one of floating-point numbers, or its size is not what it says.</exception>
    internal static NpyArray Read(Stream stream, long bytes, string name, string path)
    {
        VectorException Broken(string what, string fix = "Save the array again with numpy.savez or safetensors.") =>
            DirectionSet.Broken(path, $"array {DirectionSet.Quoted(name)} {what}", fix);

        (string header, int headerBytes) = ReadHeader(stream, Broken);
        string type = Field(TypeField(), header) ?? throw Broken("has a structured type", "Save plain arrays of float32.");
        if (type.Contains('O', StringComparison.Ordinal))
        {
            throw Broken("holds Python objects, which are pickled: loading them runs whatever code they hold, so they are not read", "Save each vector as an array of float32.");
        }

        if (!Type().IsMatch(type))
        {
            throw Broken($"is of type {DirectionSet.Quoted(type)}", "Expected float16, float32 or float64.");
        }

        ImmutableArray<int> shape = Shaped(header, Broken);
        int size = type[2] - '0';
        long count = shape.Aggregate(1L, (product, length) => product * length);
        if (count > MaxValues)
        {
            throw Broken($"has the shape [{string.Join(", ", shape)}], {count} values", $"At most {MaxValues} are read from one file.");
        }

        if (bytes != headerBytes + (count * size))
        {
            throw Broken($"has {bytes} bytes, but its header and shape [{string.Join(", ", shape)}] make {headerBytes + (count * size)}");
        }

        byte[] data = new byte[count * size];
        if (stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) != data.Length)
        {
            throw Broken($"ends before the {bytes} bytes that it says it has");
        }

        float[] values = Singles(data, size, bigEndian: type[0] == '>');
        return new NpyArray(shape, Field(OrderField(), header) == "True" && shape.Length == 2 ? Transposed(values, shape) : values);
    }

    private static (string Text, int Bytes) ReadHeader(Stream stream, Func<string, string, VectorException> broken)
    {
        VectorException Cut() => broken("is cut short within its header", "Save the array again.");

        byte[] start = new byte[StartBytes];
        if (stream.ReadAtLeast(start, StartBytes, throwOnEndOfStream: false) != StartBytes || !start.AsSpan().StartsWith(Magic))
        {
            throw broken("does not begin as a numpy array does", "Save it with numpy.savez or safetensors.");
        }

        byte[] length = new byte[start[6] == 1 ? sizeof(ushort) : sizeof(uint)];
        if (start[6] is 0 or > 3)
        {
            throw broken($"has version {start[6]}.{start[7]} of numpy's format", "Expected 1.0, 2.0 or 3.0.");
        }

        if (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) != length.Length)
        {
            throw Cut();
        }

        uint bytes = length.Length == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > MaxHeaderBytes)
        {
            throw broken($"has a header of {bytes} bytes", $"Expected at most {MaxHeaderBytes}.");
        }

        byte[] header = new byte[bytes];
        return stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            ? (Encoding.UTF8.GetString(header), StartBytes + length.Length + header.Length)
            : throw Cut();
    }

    private static ImmutableArray<int> Shaped(string header, Func<string, string, VectorException> broken)
    {
        string text = Field(ShapeField(), header) ?? throw broken("does not say its shape", "Save the array again.");
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ImmutableArray<int>.Builder shape = ImmutableArray.CreateBuilder<int>();
        foreach (string part in parts)
        {
            shape.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length > 0
                ? length
                : throw broken($"has the shape ({DirectionSet.Quoted(text)})", "Expected sizes of 1 or more."));
        }

        return shape.Count is 1 or 2
            ? shape.ToImmutable()
            : throw broken($"has {shape.Count} dimensions", "Expected [H] or [layers, H].");
    }

    private static float[] Singles(byte[] data, int size, bool bigEndian)
    {
        float[] values = new float[data.Length / size];
        switch (size)
        {
            case sizeof(ushort):
                Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(data.AsSpan());
                if (bigEndian)
                {
                    BinaryPrimitives.ReverseEndianness(halves, halves);
                }

                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(halves), values);
                break;
            case sizeof(uint):
                Span<uint> singles = MemoryMarshal.Cast<byte, uint>(data.AsSpan());
                if (bigEndian)
                {
                    BinaryPrimitives.ReverseEndianness(singles, singles);
                }

                MemoryMarshal.Cast<uint, float>(singles).CopyTo(values);
                break;
            default:
                Span<ulong> doubles = MemoryMarshal.Cast<byte, ulong>(data.AsSpan());
                if (bigEndian)
                {
                    BinaryPrimitives.ReverseEndianness(doubles, doubles);
                }

                TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<ulong, double>(doubles), values);
                break;
        }

        return values;
    }

    private static float[] Transposed(float[] values, ImmutableArray<int> shape)
    {
        float[] rows = new float[values.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = values[(i % shape[1] * shape[0]) + (i / shape[1])];
        }

        return rows;
    }

    private static string? Field(Regex field, string header) => field.Match(header) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]", RegexOptions.CultureInvariant)]
    private static partial Regex TypeField();

    [GeneratedRegex("['\"]fortran_order['\"]\\s*:\\s*(True|False)", RegexOptions.CultureInvariant)]
    private static partial Regex OrderField();

    [GeneratedRegex("['\"]shape['\"]\\s*:\\s*\\(([^()]*)\\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapeField();

    [GeneratedRegex("^[<>]f[248]$", RegexOptions.CultureInvariant)]
    private static partial Regex Type();
}
