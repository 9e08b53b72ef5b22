using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights in fp16 that are finite; others are for <see cref="AnyFp16Weight"/>.</summary>
/// <remarks>
/// Exponent and fraction are moved to where a single has them, and the product with 2^112 makes up for the other bias of the exponent. It
/// is exact, also for subnormal numbers, which are normal ones in single precision. .NET has no instruction for it.
/// </remarks>
internal readonly unsafe struct Fp16Weight : IHalfWeight
{
    // Sign, exponent and fraction of a half that was moved up by 16 and back by 3 with its sign.
    private const int Kept = unchecked((int)0x8FFFE000);
    private const int Shift = 3;
    private const float Bias = 5192296858534827628530496329220096f; // 2^112
    private const ushort Infinity = 0x7C00 << 1; // Without its sign, moved up.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* weights) => Second(Avx2.ConvertToVector256Int32(weights).AsUInt32() << 16);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> First(Vector256<uint> pairs) => Second(pairs << 16);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Second(Vector256<uint> pairs) =>
        ((pairs.AsInt32() >> Shift) & Vector256.Create(Kept)).AsSingle() * Vector256.Create(Bias);

    /// <summary>Whether all of some weights are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite(ReadOnlySpan<ushort> weights)
    {
        Vector256<ushort> largest = default;
        ref ushort first = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(weights);
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
