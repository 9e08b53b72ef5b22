using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Zero points that all are <see cref="QuantizedRow.MiddlePoint"/>.</summary>
internal readonly struct MiddleZeroPoints : IZeroPoints
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero16<TNumbers>(in QuantizedRow row, int unit, Vector512<float> before)
        where TNumbers : INumbers => before;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero8<TNumbers>(in QuantizedRow row, int unit, Vector256<float> before)
        where TNumbers : INumbers => before;

    /// <inheritdoc/>
    /// <remarks>
    /// An operation fewer: the zero point is a power of two, so its product is exact, and what is left is rounded once. Not so from scales of 2¹²⁰ on, where
    /// that product is no number; and 0 comes also where a negative scale would give −0, which is told from it only by a sum whose products
    /// before were too small for single precision and left −0.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Weights8(Vector256<float> numbers, Vector256<float> zero, Vector256<float> factor) => Fma.MultiplySubtract(numbers, factor, zero * factor);
}
