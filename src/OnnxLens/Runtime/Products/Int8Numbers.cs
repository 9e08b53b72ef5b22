using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Numbers of eight bits, in the order of columns.</summary>
internal readonly unsafe struct Int8Numbers : INumbers
{
    private const int Lanes = 8;

    /// <inheritdoc/>
    public static int UnitBytes => QuantizedRow.Unit;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero16(int zeroPoint) => Vector512.Create((float)zeroPoint);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero8(int zeroPoint) => Vector256.Create((float)zeroPoint);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> First, Vector512<float> Second) Load16(byte* unit, float* scale, Vector512<float> zero)
    {
        var factor = Vector512.Create(*scale);
        return (
            (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(unit))) - zero) * factor,
            (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(unit + (2 * Lanes)))) - zero) * factor);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Load8<TZeroPoints>(byte* unit, float* scale, Vector256<float> zero)
        where TZeroPoints : IZeroPoints
    {
        var factor = Vector256.Create(*scale);
        return new Four(
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(unit)), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(unit + Lanes)), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(unit + (2 * Lanes))), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(unit + (3 * Lanes))), zero, factor));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Arrange(Four values) => values;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> First, Vector512<float> Second) InOrder(Vector512<float> first, Vector512<float> second) => (first, second);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four InOrder(Four values) => values;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(Four sums) => OneRow.Total(sums.First, sums.Second, sums.Third, sums.Fourth);
}
