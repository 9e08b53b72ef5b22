using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in bf16: the upper halves of singles.</summary>
internal readonly unsafe struct Bf16Weight : IWeight<ushort>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* weights) => (Avx2.ConvertToVector256Int32(weights) << 16).AsSingle();
}
