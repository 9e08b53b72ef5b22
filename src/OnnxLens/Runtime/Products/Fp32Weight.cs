using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in single precision.</summary>
internal readonly unsafe struct Fp32Weight : IWeight<float>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* weights) => Vector256.Load(weights);
}
