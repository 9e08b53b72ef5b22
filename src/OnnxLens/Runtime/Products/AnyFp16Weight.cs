using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in fp16, also infinite ones and what is not a number. Twice the work of <see cref="Fp16Weight"/>.</summary>
internal readonly unsafe struct AnyFp16Weight : IHalfWeight
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* weights) => Corrected(Fp16Weight.Load(weights));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> First(Vector256<uint> pairs) => Corrected(Fp16Weight.First(pairs));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Second(Vector256<uint> pairs) => Corrected(Fp16Weight.Second(pairs));

    /// <summary>The largest exponent of fp16 comes out as that of 2^16, where the largest one of single precision belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Corrected(Vector256<float> values)
    {
        Vector256<int> beyond = Vector256.GreaterThanOrEqual(Vector256.Abs(values), Vector256.Create(65536f)).AsInt32();
        return (values.AsInt32() | (beyond & Vector256.Create(0x7F800000))).AsSingle();
    }
}
