using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Zero points that are stored, one for each block.</summary>
internal readonly struct StoredZeroPoints : IZeroPoints
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero16<TNumbers>(in QuantizedRow row, int unit, Vector512<float> before)
        where TNumbers : INumbers => TNumbers.Zero16(row.ZeroPoint(unit));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero8<TNumbers>(in QuantizedRow row, int unit, Vector256<float> before)
        where TNumbers : INumbers => TNumbers.Zero8(row.ZeroPoint(unit));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Weights8(Vector256<float> numbers, Vector256<float> zero, Vector256<float> factor) => (numbers - zero) * factor;
}
