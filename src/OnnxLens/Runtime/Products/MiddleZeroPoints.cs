using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Zero points that all are <see cref="QuantizedRow.MiddlePoint"/>.</summary>
internal readonly struct MiddleZeroPoints : IZeroPoints
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero16<TNumbers>(in QuantizedRow row, int unit, Vector512<float> before)
        where TNumbers : INumbers => before;
}
