using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of up to four rows with a tile of weights, two outputs at a time.</summary>
/// <remarks>
/// Sums are those of <see cref="OneRow"/>, to the bit; zeros stand for k that are missing. Every product of a row and an output has its 32 sums in registers. With 16 lanes
/// there is room for all of them; with eight, the columns are gone through four times, eight of every 32 each time. Compiled for speed at
/// once: the first prompt of a model counts too.
/// </remarks>
internal static unsafe class FourRows
{
    /// <summary>Rows at most.</summary>
    public const int MostRows = 4;

    /// <summary>Columns of a tile come in so many.</summary>
    public const int Step = 2 * OneRow.Sums;

    private const int OutputsAhead = 4;
    private const int LineBytes = 64;
    private const int Half = OneRow.Sums / 2;
    private const int Quarter = OneRow.Sums / 4;
    private const int Results = 2 * MostRows;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tile">The weights.</param>
    /// <param name="add">True adds to the products that are there.</param>
    public static void Multiply(in RowGroup rows, in WeightTile tile, bool add)
    {
        if (Avx512F.IsSupported)
        {
            MultiplyBy16(rows, tile, add);
        }
        else
        {
            MultiplyBy8(rows, tile, add);
        }
    }

    /// <summary><see cref="Multiply"/> with vectors of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBy16(in RowGroup rows, in WeightTile tile, bool add)
    {
        float* x0 = rows.XOf(0);
        float* x1 = rows.XOf(1);
        float* x2 = rows.XOf(2);
        float* x3 = rows.XOf(3);
        float* w0 = tile.Weights;
        int columns = tile.Columns;
        long stride = tile.Stride;
        bool ask = tile.IsStored;

        // In the order of memory, where an output's columns are all there: half of those of the pair are behind those of one output.
        bool inOrder = stride == columns;
        long apart = inOrder ? Step : stride;
        int aheadStep = inOrder ? 2 * Step : Step;
        for (int pair = 0; pair < tile.Pairs; pair++)
        {
            float* w1 = w0 + stride;
            float* ahead = w0 + (OutputsAhead * stride);
            Vector512<float> a0 = default;
            Vector512<float> a1 = default;
            Vector512<float> a2 = default;
            Vector512<float> a3 = default;
            Vector512<float> b0 = default;
            Vector512<float> b1 = default;
            Vector512<float> b2 = default;
            Vector512<float> b3 = default;
            Vector512<float> c0 = default;
            Vector512<float> c1 = default;
            Vector512<float> c2 = default;
            Vector512<float> c3 = default;
            Vector512<float> d0 = default;
            Vector512<float> d1 = default;
            Vector512<float> d2 = default;
            Vector512<float> d3 = default;
            for (int k = 0; k < columns; k += Step)
            {
                if (ask)
                {
                    Ask(ahead);
                    Ask(ahead + apart);
                    ahead += aheadStep;
                }

                Vector512<float> first = Vector512.Load(w0 + k);
                Vector512<float> second = Vector512.Load(w1 + k);
                SixteenSums.Add(Vector512.Load(x0 + k), first, second, ref a0, ref b0);
                SixteenSums.Add(Vector512.Load(x1 + k), first, second, ref a1, ref b1);
                SixteenSums.Add(Vector512.Load(x2 + k), first, second, ref a2, ref b2);
                SixteenSums.Add(Vector512.Load(x3 + k), first, second, ref a3, ref b3);
                first = Vector512.Load(w0 + k + Half);
                second = Vector512.Load(w1 + k + Half);
                SixteenSums.Add(Vector512.Load(x0 + k + Half), first, second, ref c0, ref d0);
                SixteenSums.Add(Vector512.Load(x1 + k + Half), first, second, ref c1, ref d1);
                SixteenSums.Add(Vector512.Load(x2 + k + Half), first, second, ref c2, ref d2);
                SixteenSums.Add(Vector512.Load(x3 + k + Half), first, second, ref c3, ref d3);
                first = Vector512.Load(w0 + k + (2 * Half));
                second = Vector512.Load(w1 + k + (2 * Half));
                SixteenSums.Add(Vector512.Load(x0 + k + (2 * Half)), first, second, ref a0, ref b0);
                SixteenSums.Add(Vector512.Load(x1 + k + (2 * Half)), first, second, ref a1, ref b1);
                SixteenSums.Add(Vector512.Load(x2 + k + (2 * Half)), first, second, ref a2, ref b2);
                SixteenSums.Add(Vector512.Load(x3 + k + (2 * Half)), first, second, ref a3, ref b3);
                first = Vector512.Load(w0 + k + (3 * Half));
                second = Vector512.Load(w1 + k + (3 * Half));
                SixteenSums.Add(Vector512.Load(x0 + k + (3 * Half)), first, second, ref c0, ref d0);
                SixteenSums.Add(Vector512.Load(x1 + k + (3 * Half)), first, second, ref c1, ref d1);
                SixteenSums.Add(Vector512.Load(x2 + k + (3 * Half)), first, second, ref c2, ref d2);
                SixteenSums.Add(Vector512.Load(x3 + k + (3 * Half)), first, second, ref c3, ref d3);
            }

            SixteenSums.Put(rows, 2 * pair, add, a0 + c0, a1 + c1, a2 + c2, a3 + c3, b0 + d0, b1 + d1, b2 + d2, b3 + d3);
            w0 = w1 + stride;
        }
    }

    /// <summary><see cref="Multiply"/> with vectors of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBy8(in RowGroup rows, in WeightTile tile, bool add)
    {
        float* sums = stackalloc float[Results * OneRow.Sums];
        for (int pair = 0; pair < tile.Pairs; pair++)
        {
            float* weights = tile.Weights + (2 * pair * tile.Stride);
            for (int from = 0; from < OneRow.Sums; from += Quarter)
            {
                SumEight(rows, weights + from, weights + tile.Stride + from, tile.Columns - from, from, tile.IsStored && from == 0, sums + from);
            }

            for (int row = 0; row < rows.Rows; row++)
            {
                float* y = rows.YOf(row) + (2 * pair);
                float* first = sums + (2 * row * OneRow.Sums);
                float* second = first + OneRow.Sums;
                float a = OneRow.Total(Vector256.Load(first), Vector256.Load(first + Quarter), Vector256.Load(first + (2 * Quarter)), Vector256.Load(first + (3 * Quarter)));
                float b = OneRow.Total(Vector256.Load(second), Vector256.Load(second + Quarter), Vector256.Load(second + (2 * Quarter)), Vector256.Load(second + (3 * Quarter)));
                y[0] = add ? y[0] + a : a;
                y[1] = add ? y[1] + b : b;
            }
        }
    }

    /// <summary>Eight of the 32 sums of each row and output: [row,output,32].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumEight(in RowGroup rows, float* w0, float* w1, int columns, int from, bool ask, float* sums)
    {
        float* x0 = rows.XOf(0) + from;
        float* x1 = rows.XOf(1) + from;
        float* x2 = rows.XOf(2) + from;
        float* x3 = rows.XOf(3) + from;
        long ahead = OutputsAhead * (w1 - w0);
        Vector256<float> a0 = default;
        Vector256<float> a1 = default;
        Vector256<float> a2 = default;
        Vector256<float> a3 = default;
        Vector256<float> b0 = default;
        Vector256<float> b1 = default;
        Vector256<float> b2 = default;
        Vector256<float> b3 = default;
        for (int k = 0; k < columns; k += OneRow.Sums)
        {
            if (ask && k % Step == 0)
            {
                Ask(w0 + k + ahead);
                Ask(w1 + k + ahead);
            }

            Vector256<float> first = Vector256.Load(w0 + k);
            Vector256<float> second = Vector256.Load(w1 + k);
            Add(Vector256.Load(x0 + k), first, second, ref a0, ref b0);
            Add(Vector256.Load(x1 + k), first, second, ref a1, ref b1);
            Add(Vector256.Load(x2 + k), first, second, ref a2, ref b2);
            Add(Vector256.Load(x3 + k), first, second, ref a3, ref b3);
        }

        a0.Store(sums);
        b0.Store(sums + OneRow.Sums);
        a1.Store(sums + (2 * OneRow.Sums));
        b1.Store(sums + (3 * OneRow.Sums));
        a2.Store(sums + (4 * OneRow.Sums));
        b2.Store(sums + (5 * OneRow.Sums));
        a3.Store(sums + (6 * OneRow.Sums));
        b3.Store(sums + (7 * OneRow.Sums));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> x, Vector256<float> first, Vector256<float> second, ref Vector256<float> a, ref Vector256<float> b)
    {
        a = Fma.MultiplyAdd(x, first, a);
        b = Fma.MultiplyAdd(x, second, b);
    }

    /// <summary>Asks for the columns of a step of one output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(float* weights)
    {
        byte* lines = (byte*)weights;
        Sse.Prefetch1(lines);
        Sse.Prefetch1(lines + LineBytes);
        Sse.Prefetch1(lines + (2 * LineBytes));
        Sse.Prefetch1(lines + (3 * LineBytes));
    }
}
