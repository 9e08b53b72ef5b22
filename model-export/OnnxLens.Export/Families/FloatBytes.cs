using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Families;

/// <summary>Stores singles as the element types of weights, rounding to nearest even, in the machine's order (little-endian).</summary>
internal static class FloatBytes
{
    /// <summary>Converts.</summary>
    /// <param name="values">The values.</param>
    /// <param name="type">Float, Float16 or BFloat16.</param>
    /// <param name="bytes">Takes them; exactly as long as they need.</param>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another type.</exception>
    public static void Store(ReadOnlySpan<float> values, ElementType type, Span<byte> bytes)
    {
        if (bytes.Length != values.Length * type.ByteSize())
        {
            throw new ArgumentException($"{values.Length} values of {type} need {values.Length * type.ByteSize()} bytes, not {bytes.Length}.", nameof(bytes));
        }

        switch (type)
        {
            case ElementType.Float:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(bytes));
                break;
            case ElementType.BFloat16:
                StoreBFloat16(values, MemoryMarshal.Cast<byte, ushort>(bytes));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Weights are stored as Float, Float16 or BFloat16.");
        }
    }

    private static void StoreBFloat16(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        for (int index = 0; index < values.Length; index++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[index]);
            // Rounding could carry a NaN's payload into infinity: keep it a NaN.
            halves[index] = float.IsNaN(values[index])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
