using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of up to four rows with a tile of weights, three outputs at a time, with vectors of eight.</summary>
/// <remarks>
/// Sums are those of <see cref="OneRow"/>, to the bit. Rows and weights are arranged (<see cref="EightColumns"/>) and gone through from one end to the
/// other, in four passes, each over eight of every 32 columns: its twelve vectors of sums, three of weights and one of a row are the 16 registers
/// that there are. Two passes whose sums are added to each other follow each other, for it is writing sums that takes time: measured, 1.6
/// cycles of multiplying a vector, where adding sums that were written before takes none.
/// </remarks>
internal static unsafe class FourRowsOfEight
{
    /// <summary>Outputs at a time.</summary>
    public const int Outputs = 3;

    /// <summary>Passes over the columns for each <see cref="Outputs"/>.</summary>
    public const int Passes = OneRow.Sums / Lanes;

    private const int Rows = FourRows.MostRows;
    private const int Lanes = 8;

    /// <summary>What a pass reads of the rows and of the weights at a time.</summary>
    private const int RowStep = Rows * Lanes;
    private const int WeightStep = Outputs * Lanes;

    /// <summary>Sums of a pass.</summary>
    private const int PassSums = Rows * WeightStep;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <param name="rows">The rows, of which <see cref="RowGroup.X"/> is arranged.</param>
    /// <param name="tile">The weights, arranged, the last group filled up with any.</param>
    /// <param name="add">True adds to the products that are there.</param>
    /// <param name="ahead">Asked once for each pass.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply(in RowGroup rows, in WeightTile tile, bool add, ref WeightsAhead ahead)
    {
        float* first = stackalloc float[PassSums + (PassSums / 2)];
        float* firstFolded = first + PassSums;
        float* y0 = rows.YOf(0);
        float* y1 = rows.YOf(1);
        float* y2 = rows.YOf(2);
        float* y3 = rows.YOf(3);
        float* w = tile.Weights;
        int columns = tile.Columns;
        for (int left = 2 * tile.Pairs; left > 0; left -= Outputs)
        {
            float* x = rows.X;
            Vector256<float> a0 = default;
            Vector256<float> a1 = default;
            Vector256<float> b0 = default;
            Vector256<float> b1 = default;
            Vector256<float> c0 = default;
            Vector256<float> c1 = default;
            for (int pass = 0; pass < Passes; pass++)
            {
                ahead.Ask();
                a0 = default;
                a1 = default;
                b0 = default;
                b1 = default;
                c0 = default;
                c1 = default;
                Vector256<float> a2 = default;
                Vector256<float> a3 = default;
                Vector256<float> b2 = default;
                Vector256<float> b3 = default;
                Vector256<float> c2 = default;
                Vector256<float> c3 = default;
                for (float* end = x + columns; x < end; x += 2 * RowStep) // A quarter of the columns of four rows.
                {
                    Vector256<float> w0 = Vector256.Load(w);
                    Vector256<float> w1 = Vector256.Load(w + Lanes);
                    Vector256<float> w2 = Vector256.Load(w + (2 * Lanes));
                    Add(x, w0, w1, w2, ref a0, ref b0, ref c0);
                    Add(x + Lanes, w0, w1, w2, ref a1, ref b1, ref c1);
                    Add(x + (2 * Lanes), w0, w1, w2, ref a2, ref b2, ref c2);
                    Add(x + (3 * Lanes), w0, w1, w2, ref a3, ref b3, ref c3);
                    w0 = Vector256.Load(w + WeightStep);
                    w1 = Vector256.Load(w + WeightStep + Lanes);
                    w2 = Vector256.Load(w + WeightStep + (2 * Lanes));
                    Add(x + RowStep, w0, w1, w2, ref a0, ref b0, ref c0);
                    Add(x + RowStep + Lanes, w0, w1, w2, ref a1, ref b1, ref c1);
                    Add(x + RowStep + (2 * Lanes), w0, w1, w2, ref a2, ref b2, ref c2);
                    Add(x + RowStep + (3 * Lanes), w0, w1, w2, ref a3, ref b3, ref c3);
                    w += 2 * WeightStep;
                }

                if (pass % 2 == 0)
                {
                    Store(first, a0, b0, c0);
                    Store(first + WeightStep, a1, b1, c1);
                    Store(first + (2 * WeightStep), a2, b2, c2);
                    Store(first + (3 * WeightStep), a3, b3, c3);
                    continue;
                }

                AddStored(first, ref a0, ref b0, ref c0);
                AddStored(first + WeightStep, ref a1, ref b1, ref c1);
                AddStored(first + (2 * WeightStep), ref a2, ref b2, ref c2);
                AddStored(first + (3 * WeightStep), ref a3, ref b3, ref c3);
                a0 = Halves(a0, a2);
                a1 = Halves(a1, a3);
                b0 = Halves(b0, b2);
                b1 = Halves(b1, b3);
                c0 = Halves(c0, c2);
                c1 = Halves(c1, c3);
                if (pass == 1)
                {
                    Store(firstFolded, a0, b0, c0);
                    Store(firstFolded + WeightStep, a1, b1, c1);
                }
            }

            AddStored(firstFolded, ref a0, ref b0, ref c0);
            AddStored(firstFolded + WeightStep, ref a1, ref b1, ref c1);
            if (left > 1)
            {
                PutTwo(y0, y1, y2, y3, add, a0, a1, b0, b1);
            }

            if (left == 1)
            {
                PutOne(y0, y1, y2, y3, add, a0, a1);
            }
            else if (left > 2)
            {
                PutOne(y0 + 2, y1 + 2, y2 + 2, y3 + 2, add, c0, c1);
            }

            y0 += Outputs;
            y1 += Outputs;
            y2 += Outputs;
            y3 += Outputs;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStored(float* sums, ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c)
    {
        a += Vector256.Load(sums);
        b += Vector256.Load(sums + Lanes);
        c += Vector256.Load(sums + (2 * Lanes));
    }

    /// <summary>The halves of the first added to each other, then those of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(Vector256<float> first, Vector256<float> second) =>
        Avx.Blend(first, second, 0xF0) + Avx.Permute2x128(first, second, 0x21);

    /// <summary>Takes the products of two outputs, a and b, each in four sums of rows 0 and 2, and four of rows 1 and 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutTwo(
        float* y0, float* y1, float* y2, float* y3, bool add, Vector256<float> a02, Vector256<float> a13, Vector256<float> b02, Vector256<float> b13)
    {
        Vector256<float> all = One(Two(a02, b02), Two(a13, b13));
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
    private static void PutOne(float* y0, float* y1, float* y2, float* y3, bool add, Vector256<float> rows02, Vector256<float> rows13)
    {
        Vector256<float> two = Two(rows02, rows13);
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

    /// <summary>Two sums of each four: of the first vector, then of the second, in each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Two(Vector256<float> first, Vector256<float> second) => Avx.Blend(first, second, 0xCC) + Avx.Shuffle(first, second, 0x4E);

    /// <summary>One sum of each two: of the first vector, then of the second, in each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> One(Vector256<float> first, Vector256<float> second) => Avx.Shuffle(first, second, 0x88) + Avx.Shuffle(first, second, 0xDD);
}
