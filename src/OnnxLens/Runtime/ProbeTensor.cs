using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>A tensor on the host: what a <see cref="GraphProbe"/> is given and gives.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes, none for a scalar.</param>
/// <param name="Data">The elements, row-major, as ONNX Runtime has them.</param>
public sealed record ProbeTensor(ElementType Type, ImmutableArray<long> Shape, byte[] Data)
{
    /// <summary>Number of elements.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Zeros.</summary>
    public static ProbeTensor Zeros(ElementType type, params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
        {
            count = checked(count * size);
        }

        return new ProbeTensor(type, [.. shape], new byte[checked(count * type.ByteSize())]);
    }

    /// <summary>Whole numbers, in the element type given: 32 or 64 bits, truth values, or a real type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is none of them.</exception>
    public static ProbeTensor Of(ElementType type, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape)
    {
        byte[] data = new byte[values.Length * type.ByteSize()];
        PortNumbers.Write(type, values, data);
        return new ProbeTensor(type, [.. shape], data);
    }

    /// <summary>Real numbers widened to single precision.</summary>
    /// <exception cref="InvalidOperationException">The elements are no real numbers.</exception>
    public float[] ToSingles()
    {
        float[] values = new float[Elements];
        switch (Type)
        {
            case ElementType.Float:
                MemoryMarshal.Cast<byte, float>(Data).CopyTo(values);
                break;
            case ElementType.Float16:
                System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(Data), values);
                break;
            case ElementType.BFloat16:
                Bf16Numbers.Widen(MemoryMarshal.Cast<byte, ushort>(Data)[..values.Length], values);
                break;
            case ElementType.Double:
                System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(Data), values);
                break;
            default:
                throw new InvalidOperationException($"A tensor of {Type} holds no real numbers.");
        }

        return values;
    }
}
