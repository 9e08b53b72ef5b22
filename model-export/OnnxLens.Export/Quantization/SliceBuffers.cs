using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>The memory of one worker: a slice as stored, as singles, and quantised. Grows to the largest slice, and is used again.</summary>
internal sealed class SliceBuffers
{
    private byte[] _stored = [];
    private float[] _singles = [];
    private byte[] _data = [];
    private float[] _scales = [];
    private byte[] _storedScales = [];
    private byte[] _zeroPoints = [];

    /// <summary>Room for so many stored bytes.</summary>
    public Span<byte> Stored(long bytes) => Room(ref _stored, bytes);

    /// <summary>Room for so many bytes of numbers.</summary>
    public Span<byte> Data(long bytes) => Room(ref _data, bytes);

    /// <summary>Room for so many scales.</summary>
    public Span<float> Scales(long count) => Room(ref _scales, count);

    /// <summary>Room for so many bytes of scales as stored.</summary>
    public Span<byte> StoredScales(long bytes) => Room(ref _storedScales, bytes);

    /// <summary>Room for so many bytes of zero points.</summary>
    public Span<byte> ZeroPoints(long bytes) => Room(ref _zeroPoints, bytes);

    /// <summary>Stored weights as singles; those stored as singles are not copied.</summary>
    /// <param name="stored">The weights, little-endian.</param>
    /// <param name="type">Float, Float16 or BFloat16.</param>
    public ReadOnlySpan<float> Singles(ReadOnlySpan<byte> stored, ElementType type)
    {
        if (type == ElementType.Float)
        {
            return MemoryMarshal.Cast<byte, float>(stored);
        }

        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        Span<float> singles = Room(ref _singles, halves.Length);
        if (type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(halves), singles);
        }
        else
        {
            WidenBFloat16(halves, MemoryMarshal.Cast<float, uint>(singles));
        }

        return singles;
    }

    /// <summary>A bfloat16 is the upper half of a single.</summary>
    private static void WidenBFloat16(ReadOnlySpan<ushort> halves, Span<uint> singles)
    {
        int i = 0;
        for (; i <= halves.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Create(halves[i..]));
            (lower << 16).CopyTo(singles[i..]);
            (upper << 16).CopyTo(singles[(i + Vector256<uint>.Count)..]);
        }

        for (; i < halves.Length; i++)
        {
            singles[i] = (uint)halves[i] << 16;
        }
    }

    private static Span<T> Room<T>(ref T[] buffer, long count)
    {
        if (buffer.Length < count)
        {
            buffer = new T[count];
        }

        return buffer.AsSpan(0, (int)count);
    }
}
