using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Sums of four rows, or two, and two outputs in vectors of 16, one vector for each row and output: a for the first output, b for the second.</summary>
internal static unsafe class SixteenSums
{
    /// <summary>Adds the products of a row with two outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(Vector512<float> x, Vector512<float> first, Vector512<float> second, ref Vector512<float> a, ref Vector512<float> b)
    {
        a = Avx512F.FusedMultiplyAdd(x, first, a);
        b = Avx512F.FusedMultiplyAdd(x, second, b);
    }

    /// <summary>Takes the products of two outputs, each in 16 sums for each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(
        in RowGroup rows, int output, bool add,
        Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3, Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3)
    {
        Vector512<float> rows01 = HalvesOfHalves(HalvesOfHalves(a0, b0), HalvesOfHalves(a1, b1));
        Vector512<float> rows23 = HalvesOfHalves(HalvesOfHalves(a2, b2), HalvesOfHalves(a3, b3));
        Vector512<float> two = Avx512F.Shuffle(rows01, rows23, 0x44) + Avx512F.Shuffle(rows01, rows23, 0xEE);
        Vector512<float> one = Avx512F.Shuffle(two, two, 0x88) + Avx512F.Shuffle(two, two, 0xDD);

        // Each quarter has two sums: of row 0 and 2, first and second output, then of row 1 and 3.
        Vector128<float> even = Sse.UnpackLow(one.GetLower().GetLower(), one.GetLower().GetUpper());
        Vector128<float> odd = Sse.UnpackLow(one.GetUpper().GetLower(), one.GetUpper().GetUpper());
        Put(rows, output, even, odd, add);
    }

    /// <summary>Takes the products of two outputs for two rows, from one on, in the order of those of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutTwo(
        in RowGroup rows, int row, int output, bool add, Vector512<float> a0, Vector512<float> a1, Vector512<float> b0, Vector512<float> b1)
    {
        Vector512<float> two = HalvesOfHalves(HalvesOfHalves(a0, b0), HalvesOfHalves(a1, b1));
        two += Avx512F.Shuffle(two, two, 0xEE);
        Vector512<float> one = two + Avx512F.Shuffle(two, two, 0x11);

        // The first of each quarter is a sum: of the first row's first and second output, then of the second row's.
        var sums = Vector128.Create(
            Sse.UnpackLow(one.GetLower().GetLower(), one.GetLower().GetUpper()).GetLower(),
            Sse.UnpackLow(one.GetUpper().GetLower(), one.GetUpper().GetUpper()).GetLower());
        float* y0 = rows.YOf(row) + output;
        float* y1 = rows.YOf(row + 1) + output;
        if (add)
        {
            sums = RowGroup.LoadTwo(y0, y1) + sums; // Both are read before one is written: rows may be the same.
        }

        Sse2.StoreLow((double*)y0, sums.AsDouble());
        Sse2.StoreHigh((double*)y1, sums.AsDouble());
    }

    /// <summary>The first quarter of each vector plus its second, the third plus the fourth: two of the first vector, then two of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> HalvesOfHalves(Vector512<float> first, Vector512<float> second) =>
        Avx512F.Shuffle4x128(first, second, 0x88) + Avx512F.Shuffle4x128(first, second, 0xDD);

    /// <summary>Takes the products of two outputs: of rows 0 and 2 those in <paramref name="even"/>, of 1 and 3 those in <paramref name="odd"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(in RowGroup rows, int output, Vector128<float> even, Vector128<float> odd, bool add)
    {
        float* y0 = rows.YOf(0) + output;
        float* y1 = rows.YOf(1) + output;
        float* y2 = rows.YOf(2) + output;
        float* y3 = rows.YOf(3) + output;
        if (add)
        {
            // All are read before one is written: rows may be the same.
            even = RowGroup.LoadTwo(y0, y2) + even;
            odd = RowGroup.LoadTwo(y1, y3) + odd;
        }

        Sse2.StoreLow((double*)y0, even.AsDouble());
        Sse2.StoreLow((double*)y1, odd.AsDouble());
        Sse2.StoreHigh((double*)y2, even.AsDouble());
        Sse2.StoreHigh((double*)y3, odd.AsDouble());
    }
}
