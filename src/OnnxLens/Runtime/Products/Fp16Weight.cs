using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in fp16 that are finite; others are for <see cref="AnyFp16Weight"/>.</summary>
/// <remarks>
/// Exponent and fraction are moved to where a single has them, and the product with 2^112 makes up for the other bias of the exponent. It
/// is exact, also for subnormal numbers, which are normal ones in single precision. .NET has no instruction for it.
/// </remarks>
internal readonly unsafe struct Fp16Weight : IWeight<ushort>
{
    private const int Kept = unchecked((int)0x8FFFE000); // Sign, exponent and fraction of a half that was moved up by 13 with its sign.
    private const int Shift = 13;
    private const float Bias = 5192296858534827628530496329220096f; // 2^112
    private const ushort Infinity = 0x7C00 << 1; // Without its sign, moved up.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* weights) =>
        ((Avx2.ConvertToVector256Int32((short*)weights) << Shift) & Vector256.Create(Kept)).AsSingle() * Vector256.Create(Bias);

    /// <summary>Whether all of some weights are finite.</summary>
    [MethodImpl(HotPath.Options)]
    public static bool AreFinite(ReadOnlySpan<ushort> weights)
    {
        Vector256<ushort> largest = default;
        ref ushort first = ref MemoryMarshal.GetReference(weights);
        int i = 0;
        for (; i <= weights.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<ushort> halves = Vector256.LoadUnsafe(ref first, (nuint)i);
            largest = Vector256.Max(largest, halves + halves);
        }

        bool finite = Vector256.LessThanAll(largest, Vector256.Create(Infinity));
        for (; i < weights.Length; i++)
        {
            finite &= (ushort)(weights[i] << 1) < Infinity;
        }

        return finite;
    }
}
