using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of five or six rows with a tile of weights, two outputs at a time, with vectors of 16.</summary>
/// <remarks>
/// Sums are those of <see cref="OneRow"/>, to the bit. What six rows of two outputs need, 24 vectors of sums, fits the 32 registers beside
/// two of weights, and weights come out of the second cache two thirds as often as with <see cref="FourRows"/>.
/// </remarks>
internal static unsafe class SixRows
{
    /// <summary>Rows at most.</summary>
    public const int MostRows = 6;

    private const int OutputsAhead = 4;
    private const int LineBytes = 64;
    private const int Half = OneRow.Sums / 2;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <param name="rows">Five or six rows: of fewer, the last would be added twice.</param>
    /// <param name="tile">The weights.</param>
    /// <param name="add">True adds to the products that are there.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply(in RowGroup rows, in WeightTile tile, bool add)
    {
        Debug.Assert(rows.Rows is MostRows - 1 or MostRows);
        float* x0 = rows.XOf(0);
        float* x1 = rows.XOf(1);
        float* x2 = rows.XOf(2);
        float* x3 = rows.XOf(3);
        float* x4 = rows.XOf(4);
        float* x5 = rows.XOf(5);
        float* w0 = tile.Weights;
        int columns = tile.Columns;
        long stride = tile.Stride;
        bool ask = tile.IsStored;

        // In the order of memory, where an output's columns are all there: half of those of the pair are behind those of one output.
        bool inOrder = stride == columns;
        long apart = inOrder ? OneRow.Sums : stride;
        int aheadStep = inOrder ? 2 * OneRow.Sums : OneRow.Sums;
        for (int pair = 0; pair < tile.Pairs; pair++)
        {
            float* w1 = w0 + stride;
            float* ahead = w0 + (OutputsAhead * stride);
            Vector512<float> a0 = default;
            Vector512<float> a1 = default;
            Vector512<float> a2 = default;
            Vector512<float> a3 = default;
            Vector512<float> a4 = default;
            Vector512<float> a5 = default;
            Vector512<float> b0 = default;
            Vector512<float> b1 = default;
            Vector512<float> b2 = default;
            Vector512<float> b3 = default;
            Vector512<float> b4 = default;
            Vector512<float> b5 = default;
            Vector512<float> c0 = default;
            Vector512<float> c1 = default;
            Vector512<float> c2 = default;
            Vector512<float> c3 = default;
            Vector512<float> c4 = default;
            Vector512<float> c5 = default;
            Vector512<float> d0 = default;
            Vector512<float> d1 = default;
            Vector512<float> d2 = default;
            Vector512<float> d3 = default;
            Vector512<float> d4 = default;
            Vector512<float> d5 = default;
            for (int k = 0; k < columns; k += OneRow.Sums)
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
                SixteenSums.Add(Vector512.Load(x4 + k), first, second, ref a4, ref b4);
                SixteenSums.Add(Vector512.Load(x5 + k), first, second, ref a5, ref b5);
                first = Vector512.Load(w0 + k + Half);
                second = Vector512.Load(w1 + k + Half);
                SixteenSums.Add(Vector512.Load(x0 + k + Half), first, second, ref c0, ref d0);
                SixteenSums.Add(Vector512.Load(x1 + k + Half), first, second, ref c1, ref d1);
                SixteenSums.Add(Vector512.Load(x2 + k + Half), first, second, ref c2, ref d2);
                SixteenSums.Add(Vector512.Load(x3 + k + Half), first, second, ref c3, ref d3);
                SixteenSums.Add(Vector512.Load(x4 + k + Half), first, second, ref c4, ref d4);
                SixteenSums.Add(Vector512.Load(x5 + k + Half), first, second, ref c5, ref d5);
            }

            int output = 2 * pair;
            SixteenSums.Put(rows, output, add, a0 + c0, a1 + c1, a2 + c2, a3 + c3, b0 + d0, b1 + d1, b2 + d2, b3 + d3);
            SixteenSums.PutTwo(rows, 4, output, add, a4 + c4, a5 + c5, b4 + d4, b5 + d5);
            w0 = w1 + stride;
        }
    }

    /// <summary>Asks for 32 columns of one output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(float* weights)
    {
        Sse.Prefetch1(weights);
        Sse.Prefetch1((byte*)weights + LineBytes);
    }
}
