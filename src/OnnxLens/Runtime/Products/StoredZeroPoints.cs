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
}
