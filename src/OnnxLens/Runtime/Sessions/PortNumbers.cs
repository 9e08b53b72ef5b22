using System.Runtime.InteropServices;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Writes whole numbers in the element type in which a graph takes them: exporters choose 32 or 64 bits, truth values or real numbers for ids, positions and masks.</summary>
internal static class PortNumbers
{
    /// <summary>Writes numbers.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="values">The numbers; for truth values, 0 is false.</param>
    /// <param name="target">Room for as many elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">Numbers of that type cannot be written.</exception>
    public static void Write(ElementType type, ReadOnlySpan<long> values, Span<byte> target)
    {
        switch (type)
        {
            case ElementType.Int64:
                MemoryMarshal.AsBytes(values).CopyTo(target);
                break;
            case ElementType.Int32:
                Convert(values, MemoryMarshal.Cast<byte, int>(target), static value => (int)value);
                break;
            case ElementType.Bool:
                Convert(values, target, static value => value == 0 ? (byte)0 : (byte)1);
                break;
            case ElementType.Float:
                Convert(values, MemoryMarshal.Cast<byte, float>(target), static value => value);
                break;
            case ElementType.Float16:
                Convert(values, MemoryMarshal.Cast<byte, Half>(target), static value => (Half)value);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "No whole numbers are fed in this element type.");
        }
    }

    private static void Convert<T>(ReadOnlySpan<long> values, Span<T> target, Func<long, T> convert)
    {
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = convert(values[i]);
        }
    }
}
