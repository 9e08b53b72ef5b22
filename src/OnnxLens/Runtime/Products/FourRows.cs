using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of up to four rows with a tile of weights, two outputs at a time, with vectors of 16.</summary>
/// <remarks>
/// Sums are those of <see cref="OneRow"/>, to the bit; zeros stand for k that are missing. The 32 sums of every row and output are in registers.
/// Compiled for speed at once: the first prompt of a model counts too.
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

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tile">The weights.</param>
    /// <param name="add">True adds to the products that are there.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply(in RowGroup rows, in WeightTile tile, bool add)
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
