using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of up to four rows with quantised weights, which are read back in registers, two outputs at a time.</summary>
/// <remarks>
/// For few rows; for many, weights are read back once, into a tile. Sums are those of <see cref="OneRow"/>, to the bit. Needs vectors of 16,
/// for as many sums have no room in others. Compiled for speed at once: the first steps of a model count too.
/// </remarks>
internal static unsafe class FourQuantizedRows
{
    private const int LineBytes = 64;
    private const int OutputsAhead = 4;
    private const int Half = QuantizedRow.Unit / 2;

    /// <summary>False where the processor lacks vectors of 16.</summary>
    public static bool IsSupported => Avx512F.IsSupported;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k] over a block of columns.</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="rows">The rows, arranged as in <see cref="OneQuantizedRow.Arrange"/>, from the first column on.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="output">The first output.</param>
    /// <param name="pairs">Pairs of outputs.</param>
    /// <param name="column">The first column, a multiple of <see cref="OneRow.Block"/>.</param>
    /// <param name="columns">Columns: a multiple of <see cref="QuantizedRow.Unit"/>, at most <see cref="OneRow.Block"/>.</param>
    /// <param name="add">True adds to the products that are there.</param>
    /// <param name="ask">True asks for what comes next in memory.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply<TNumbers>(in RowGroup rows, in QuantizedWeights weights, long output, int pairs, int column, int columns, bool add, bool ask)
        where TNumbers : INumbers
    {
        int from = column / QuantizedRow.Unit;
        int to = from + (columns / QuantizedRow.Unit);
        long start = (long)from * TNumbers.UnitBytes;

        // In the order of memory, where an output's columns are all there: half of the numbers of the pair are behind those of one output.
        bool inOrder = columns == weights.Columns;
        long apart = inOrder ? TNumbers.UnitBytes : weights.RowBytes;
        int aheadStep = inOrder ? 2 * TNumbers.UnitBytes : TNumbers.UnitBytes;
        for (int pair = 0; pair < pairs; pair++)
        {
            QuantizedRow rowA = weights.Row(output + (2 * pair));
            QuantizedRow rowB = weights.Row(output + (2 * pair) + 1);
            byte* numbersA = rowA.Numbers + start;
            byte* numbersB = rowB.Numbers + start;
            byte* ahead = numbersA + (OutputsAhead * weights.RowBytes);
            float* x0 = rows.XOf(0);
            float* x1 = rows.XOf(1);
            float* x2 = rows.XOf(2);
            float* x3 = rows.XOf(3);
            Vector512<float> zeroA = TNumbers.Zero16(rowA.MiddlePoint);
            Vector512<float> zeroB = zeroA;
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
            int k = 0;
            for (int unit = from; unit < to; unit++)
            {
                if (ask && (unit * TNumbers.UnitBytes % (LineBytes / 2)) == 0)
                {
                    Sse.Prefetch1(ahead);
                    Sse.Prefetch1(ahead + apart);
                }

                ahead += aheadStep;
                zeroA = rowA.Zero16<TNumbers>(unit, zeroA);
                zeroB = rowB.Zero16<TNumbers>(unit, zeroB);
                (Vector512<float> firstA, Vector512<float> secondA) = TNumbers.Load16(numbersA, rowA.Scale(unit), zeroA);
                (Vector512<float> firstB, Vector512<float> secondB) = TNumbers.Load16(numbersB, rowB.Scale(unit), zeroB);
                SixteenSums.Add(Vector512.Load(x0 + k), firstA, firstB, ref a0, ref b0);
                SixteenSums.Add(Vector512.Load(x1 + k), firstA, firstB, ref a1, ref b1);
                SixteenSums.Add(Vector512.Load(x2 + k), firstA, firstB, ref a2, ref b2);
                SixteenSums.Add(Vector512.Load(x3 + k), firstA, firstB, ref a3, ref b3);
                SixteenSums.Add(Vector512.Load(x0 + k + Half), secondA, secondB, ref c0, ref d0);
                SixteenSums.Add(Vector512.Load(x1 + k + Half), secondA, secondB, ref c1, ref d1);
                SixteenSums.Add(Vector512.Load(x2 + k + Half), secondA, secondB, ref c2, ref d2);
                SixteenSums.Add(Vector512.Load(x3 + k + Half), secondA, secondB, ref c3, ref d3);
                numbersA += TNumbers.UnitBytes;
                numbersB += TNumbers.UnitBytes;
                k += QuantizedRow.Unit;
            }

            SixteenSums.Put(
                rows, 2 * pair, add,
                Halves<TNumbers>(a0, c0), Halves<TNumbers>(a1, c1), Halves<TNumbers>(a2, c2), Halves<TNumbers>(a3, c3),
                Halves<TNumbers>(b0, d0), Halves<TNumbers>(b1, d1), Halves<TNumbers>(b2, d2), Halves<TNumbers>(b3, d3));
        }
    }

    /// <summary>The first half of the 32 sums plus the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves<TNumbers>(Vector512<float> first, Vector512<float> second)
        where TNumbers : INumbers
    {
        (Vector512<float> low, Vector512<float> high) = TNumbers.InOrder(first, second);
        return low + high;
    }
}
