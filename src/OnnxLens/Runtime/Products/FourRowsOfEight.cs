using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of up to four rows with a tile of weights, three outputs at a time, with vectors of eight.</summary>
/// <remarks>
/// Sums are those of <see cref="OneRow"/>, to the bit. Rows and weights are arranged (<see cref="EightColumns"/>) and gone through from one end to the
/// other, in four passes, each over eight of every 32 columns: its twelve vectors of sums, three of weights and one of a row are the 16 registers
/// that there are.
/// </remarks>
internal static unsafe class FourRowsOfEight
{
    /// <summary>Outputs at a time.</summary>
    public const int Outputs = 3;

    private const int Rows = FourRows.MostRows;
    private const int Lanes = 8;
    private const int Passes = OneRow.Sums / Lanes;

    /// <summary>What a pass reads of the rows and of the weights at a time.</summary>
    private const int RowStep = Rows * Lanes;
    private const int WeightStep = Outputs * Lanes;

    /// <summary>Sums of a pass.</summary>
    private const int PassSums = Rows * Outputs * Lanes;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <param name="rows">The rows, of which <see cref="RowGroup.X"/> is arranged.</param>
    /// <param name="tile">The weights, arranged, the last group filled up with any.</param>
    /// <param name="add">True adds to the products that are there.</param>
    /// <param name="ahead">Asked once for each <see cref="Outputs"/>.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply(in RowGroup rows, in WeightTile tile, bool add, ref WeightsAhead ahead)
    {
        float* sums = stackalloc float[Passes * PassSums];
        float* x = rows.X;
        float* y0 = rows.YOf(0);
        float* y1 = rows.YOf(1);
        float* y2 = rows.YOf(2);
        float* y3 = rows.YOf(3);
        float* w = tile.Weights;
        for (int left = 2 * tile.Pairs; left > 0; left -= Outputs)
        {
            ahead.Ask();
            Sum(x, w, tile.Columns, sums);
            if (left > 1)
            {
                PutTwo(y0, y1, y2, y3, add, sums);
            }

            if (left != 2)
            {
                int third = left > 2 ? 2 : 0; // Or the only one that is left.
                PutOne(y0 + third, y1 + third, y2 + third, y3 + third, add, sums + (third * Lanes));
            }

            y0 += Outputs;
            y1 += Outputs;
            y2 += Outputs;
            y3 += Outputs;
            w += Outputs * tile.Columns;
        }
    }

    /// <summary>The 32 sums of each row and output: [pass,row,output,8].</summary>
    [MethodImpl(HotPath.Options)]
    private static void Sum(float* x, float* w, int columns, float* sums)
    {
        for (int pass = 0; pass < Passes; pass++)
        {
            Vector256<float> a0 = default;
            Vector256<float> a1 = default;
            Vector256<float> a2 = default;
            Vector256<float> a3 = default;
            Vector256<float> b0 = default;
            Vector256<float> b1 = default;
            Vector256<float> b2 = default;
            Vector256<float> b3 = default;
            Vector256<float> c0 = default;
            Vector256<float> c1 = default;
            Vector256<float> c2 = default;
            Vector256<float> c3 = default;
            for (float* end = x + columns; x < end; x += 2 * RowStep) // A quarter of the columns of four rows.
            {
                Vector256<float> first = Vector256.Load(w);
                Vector256<float> second = Vector256.Load(w + Lanes);
                Vector256<float> third = Vector256.Load(w + (2 * Lanes));
                Add(x, first, second, third, ref a0, ref b0, ref c0);
                Add(x + Lanes, first, second, third, ref a1, ref b1, ref c1);
                Add(x + (2 * Lanes), first, second, third, ref a2, ref b2, ref c2);
                Add(x + (3 * Lanes), first, second, third, ref a3, ref b3, ref c3);
                first = Vector256.Load(w + WeightStep);
                second = Vector256.Load(w + WeightStep + Lanes);
                third = Vector256.Load(w + WeightStep + (2 * Lanes));
                Add(x + RowStep, first, second, third, ref a0, ref b0, ref c0);
                Add(x + RowStep + Lanes, first, second, third, ref a1, ref b1, ref c1);
                Add(x + RowStep + (2 * Lanes), first, second, third, ref a2, ref b2, ref c2);
                Add(x + RowStep + (3 * Lanes), first, second, third, ref a3, ref b3, ref c3);
                w += 2 * WeightStep;
            }

            Store(sums, a0, b0, c0);
            Store(sums + WeightStep, a1, b1, c1);
            Store(sums + (2 * WeightStep), a2, b2, c2);
            Store(sums + (3 * WeightStep), a3, b3, c3);
            sums += PassSums;
        }
    }

    /// <summary>Adds the products of eight columns of a row with three outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        float* x, Vector256<float> first, Vector256<float> second, Vector256<float> third, ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c)
    {
        var row = Vector256.Load(x);
        a = Fma.MultiplyAdd(row, first, a);
        b = Fma.MultiplyAdd(row, second, b);
        c = Fma.MultiplyAdd(row, third, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, Vector256<float> a, Vector256<float> b, Vector256<float> c)
    {
        a.Store(sums);
        b.Store(sums + Lanes);
        c.Store(sums + (2 * Lanes));
    }

    /// <summary>Takes the products of the first two outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutTwo(float* y0, float* y1, float* y2, float* y3, bool add, float* sums)
    {
        Vector256<float> rows02 = Two(FourOf(sums, row: 0), FourOf(sums + Lanes, row: 0));
        Vector256<float> rows13 = Two(FourOf(sums, row: 1), FourOf(sums + Lanes, row: 1));
        Vector256<float> all = One(rows02, rows13);
        Vector128<float> rows01 = all.GetLower();
        Vector128<float> rows23 = all.GetUpper();
        if (add)
        {
            // All are read before one is written: rows may be the same.
            rows01 = RowGroup.LoadTwo(y0, y1) + rows01;
            rows23 = RowGroup.LoadTwo(y2, y3) + rows23;
        }

        Sse2.StoreLow((double*)y0, rows01.AsDouble());
        Sse2.StoreHigh((double*)y1, rows01.AsDouble());
        Sse2.StoreLow((double*)y2, rows23.AsDouble());
        Sse2.StoreHigh((double*)y3, rows23.AsDouble());
    }

    /// <summary>Takes the products of one output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutOne(float* y0, float* y1, float* y2, float* y3, bool add, float* sums)
    {
        Vector256<float> two = Two(FourOf(sums, row: 0), FourOf(sums, row: 1));
        Vector256<float> all = One(two, two);
        Vector128<float> rows01 = all.GetLower();
        Vector128<float> rows23 = all.GetUpper();
        if (add)
        {
            rows01 = Vector128.Create(*y0, *y1, 0, 0) + rows01;
            rows23 = Vector128.Create(*y2, *y3, 0, 0) + rows23;
        }

        *y0 = rows01[0];
        *y1 = rows01[1];
        *y2 = rows23[0];
        *y3 = rows23[1];
    }

    /// <summary>Four sums of an output and a row, and of the row after the next: the second half of the 32 added to the first, then again, then again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FourOf(float* sums, int row)
    {
        float* first = sums + (row * WeightStep);
        float* second = first + (2 * WeightStep);
        Vector256<float> firstLow = Vector256.Load(first) + Vector256.Load(first + (2 * PassSums));
        Vector256<float> firstHigh = Vector256.Load(first + PassSums) + Vector256.Load(first + (3 * PassSums));
        Vector256<float> secondLow = Vector256.Load(second) + Vector256.Load(second + (2 * PassSums));
        Vector256<float> secondHigh = Vector256.Load(second + PassSums) + Vector256.Load(second + (3 * PassSums));
        Vector256<float> low = Avx.Permute2x128(firstLow, secondLow, 0x20) + Avx.Permute2x128(firstLow, secondLow, 0x31);
        Vector256<float> high = Avx.Permute2x128(firstHigh, secondHigh, 0x20) + Avx.Permute2x128(firstHigh, secondHigh, 0x31);
        return low + high;
    }

    /// <summary>Two sums of each four: of the first vector, then of the second, in each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Two(Vector256<float> first, Vector256<float> second) => Avx.Shuffle(first, second, 0x44) + Avx.Shuffle(first, second, 0xEE);

    /// <summary>One sum of each two: of the first vector, then of the second, in each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> One(Vector256<float> first, Vector256<float> second) => Avx.Shuffle(first, second, 0x88) + Avx.Shuffle(first, second, 0xDD);
}
