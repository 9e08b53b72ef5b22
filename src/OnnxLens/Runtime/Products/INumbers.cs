using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>How the numbers of quantised weights become single precision in registers, a unit of 32 columns at a time.</summary>
/// <remarks>
/// The weight is (number − zero point), which is exact, times the scale, with one rounding. The order of a unit's columns is the one that
/// is read fastest, the same for both widths of vectors; <see cref="Arrange"/> brings rows into it, and <c>InOrder</c> brings what was computed back.
/// </remarks>
internal unsafe interface INumbers
{
    /// <summary>Bytes of a unit.</summary>
    public static abstract int UnitBytes { get; }

    /// <summary>A zero point as <see cref="Load16"/> takes it.</summary>
    public static abstract Vector512<float> Zero16(int zeroPoint);

    /// <summary>A zero point as <see cref="Load8{TZeroPoints}"/> takes it.</summary>
    public static abstract Vector256<float> Zero8(int zeroPoint);

    /// <summary>The weights of a unit, in two vectors.</summary>
    public static abstract (Vector512<float> First, Vector512<float> Second) Load16(byte* unit, float* scale, Vector512<float> zero);

    /// <summary>The weights of a unit, in four vectors.</summary>
    public static abstract Four Load8<TZeroPoints>(byte* unit, float* scale, Vector256<float> zero)
        where TZeroPoints : IZeroPoints;

    /// <summary>From the order of columns to that of <see cref="Load8{TZeroPoints}"/>.</summary>
    public static abstract Four Arrange(Four values);

    /// <summary>From the order of <see cref="Load16"/> to that of columns.</summary>
    public static abstract (Vector512<float> First, Vector512<float> Second) InOrder(Vector512<float> first, Vector512<float> second);

    /// <summary>From the order of <see cref="Load8{TZeroPoints}"/> to that of columns.</summary>
    public static abstract Four InOrder(Four values);

    /// <summary>The sum of 32 sums in the order of <see cref="Load8{TZeroPoints}"/>: <see cref="OneRow.Total"/> of them in that of columns.</summary>
    public static abstract float Total(Four sums);
}
