using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in fp16, also infinite ones and what is not a number. Twice the work of <see cref="Fp16Weight"/>.</summary>
internal readonly unsafe struct AnyFp16Weight : IWeight<ushort>
{
    private const float BeyondLargest = 65536;
    private const int Exponent = 0x7F800000;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* weights)
    {
        // The largest exponent of fp16 comes out as that of 2^16, where the largest one of single precision belongs.
        Vector256<float> values = Fp16Weight.Load(weights);
        Vector256<int> beyond = Vector256.GreaterThanOrEqual(Vector256.Abs(values), Vector256.Create(BeyondLargest)).AsInt32();
        return (values.AsInt32() | (beyond & Vector256.Create(Exponent))).AsSingle();
    }
}
