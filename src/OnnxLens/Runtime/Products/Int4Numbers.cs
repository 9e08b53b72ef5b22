using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Numbers of four bits, two in a byte: of a unit first the even columns are read, from the lower bits, then the odd ones.</summary>
internal readonly unsafe struct Int4Numbers : INumbers
{
    private const int Lanes = 8;

    /// <inheritdoc/>
    public static int UnitBytes => QuantizedRow.Unit / 2;

    /// <inheritdoc/>
    /// <remarks>What each of the 16 numbers is beyond the zero point.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero16(int zeroPoint) =>
        Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) - Vector512.Create((float)zeroPoint);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero8(int zeroPoint) => Vector256.Create((float)zeroPoint);

    /// <inheritdoc/>
    /// <remarks>A unit has 16 different weights: they are looked up.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> First, Vector512<float> Second) Load16(byte* unit, float* scale, Vector512<float> zero)
    {
        Vector512<float> table = zero * Vector512.Create(*scale);
        Vector512<int> bytes = Avx512F.ConvertToVector512Int32(Vector128.Load(unit));
        return (Avx512F.PermuteVar16x32(table, bytes), Avx512F.PermuteVar16x32(table, bytes >>> 4)); // Its lower four bits are looked at.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Load8<TZeroPoints>(byte* unit, float* scale, Vector256<float> zero)
        where TZeroPoints : IZeroPoints
    {
        Vector256<int> low = Avx2.ConvertToVector256Int32(unit);
        Vector256<int> high = Avx2.ConvertToVector256Int32(unit + Lanes);
        var mask = Vector256.Create(0xF);
        var factor = Vector256.Create(*scale);
        return new Four(
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(low & mask), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(high & mask), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(low >>> 4), zero, factor),
            TZeroPoints.Weights8(Avx.ConvertToVector256Single(high >>> 4), zero, factor));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Arrange(Four values) => new(
        Every(values.First, values.Second, 0x88), Every(values.Third, values.Fourth, 0x88), Every(values.First, values.Second, 0xDD), Every(values.Third, values.Fourth, 0xDD));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> First, Vector512<float> Second) InOrder(Vector512<float> first, Vector512<float> second) => (
        Avx512F.PermuteVar16x32x2(first, Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), second),
        Avx512F.PermuteVar16x32x2(first, Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), second));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four InOrder(Four values)
    {
        (Vector256<float> first, Vector256<float> second) = Interleave(values.First, values.Third);
        (Vector256<float> third, Vector256<float> fourth) = Interleave(values.Second, values.Fourth);
        return new Four(first, second, third, fourth);
    }

    /// <inheritdoc/>
    /// <remarks>But for the last addition of all, sums of even columns are added to such, and of odd ones too: they need not be brought into order.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(Four sums)
    {
        Vector256<double> even = (sums.First + sums.Second).AsDouble();
        Vector256<double> odd = (sums.Third + sums.Fourth).AsDouble();
        Vector256<float> fours = Avx.UnpackLow(even, odd).AsSingle() + Avx.UnpackHigh(even, odd).AsSingle();
        Vector128<float> four = fours.GetLower() + fours.GetUpper(); // Of columns 0, 2, 1 and 3.
        four += Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2));
        return four[0] + four[2];
    }

    /// <summary>Every second value of two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Every(Vector256<float> first, Vector256<float> second, [ConstantExpected] byte control) =>
        Avx2.Permute4x64(Avx.Shuffle(first, second, control).AsDouble(), 0xD8).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Interleave(Vector256<float> even, Vector256<float> odd)
    {
        Vector256<float> low = Avx.UnpackLow(even, odd);
        Vector256<float> high = Avx.UnpackHigh(even, odd);
        return (Avx.Permute2x128(low, high, 0x20), Avx.Permute2x128(low, high, 0x31));
    }
}
