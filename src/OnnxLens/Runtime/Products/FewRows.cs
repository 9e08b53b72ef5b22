using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of a few fp32 rows with weights as they are stored, which are widened in registers.</summary>
/// <remarks>
/// Sums in the order of ONNX Runtime's single-precision product of several rows, so that a row is the same to the bit among few rows and
/// among more, as long as they are fewer than the outputs: k after k with one rounding each, and apart for every
/// <see cref="SummingOrder.Depth"/> of them. Lanes of a vector are therefore outputs; weights, which lie k after k, are transposed once for
/// all rows, into a panel that stays in the caches.
/// </remarks>
internal static unsafe class FewRows
{
    /// <summary>Rows at most.</summary>
    public const int MostRows = 8;

    private const int Outputs = SummingOrder.Group;
    private const int Lanes = 8;
    private const int RowsTogether = 4;
    private const int LineBytes = 64;

    /// <summary>Elements of a panel.</summary>
    /// <param name="columns">K.</param>
    /// <param name="depth">As in <see cref="Multiply"/>.</param>
    public static int PanelSize(int columns, int depth) => Outputs * ((Math.Min(columns, depth) + Lanes - 1) / Lanes * Lanes);

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k] for 16 n.</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <typeparam name="TBits">As wide as a weight.</typeparam>
    /// <param name="x">fp32 [rows,K].</param>
    /// <param name="weights">[16,K], row-major.</param>
    /// <param name="y">fp32 [rows,16].</param>
    /// <param name="rows">2 to <see cref="MostRows"/>.</param>
    /// <param name="columns">K.</param>
    /// <param name="depth">After so many k the sum begins anew; a multiple of 16.</param>
    /// <param name="panel">Room for <see cref="PanelSize"/> elements.</param>
    public static void Multiply<TWeight, TBits>(float* x, TBits* weights, float* y, int rows, int columns, int depth, float* panel)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        byte* ahead = (byte*)(weights + ((long)Outputs * columns));
        for (int block = 0; block < columns; block += depth)
        {
            int count = Math.Min(depth, columns - block);
            Transpose<TWeight, TBits>(weights + block, columns, count, panel, ahead);
            ahead += (long)Outputs * count * sizeof(TBits);
            for (int first = 0; first < rows; first += RowsTogether)
            {
                MultiplyFour(x + block, columns, first, rows - 1, panel, count, block > 0, y);
            }
        }
    }

    /// <summary>Writes the panel: [count,16], fp32, its k filled up to whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<TWeight, TBits>(TBits* weights, long columns, int count, float* panel, byte* ahead)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        TBits* others = weights + (Lanes * columns);
        int k = 0;
        for (; k <= count - Lanes; k += Lanes)
        {
            // Each output is a stream of its own, too many for the processor to foresee; the next ones are asked for in the order of memory.
            for (int line = 0; line < Outputs * Lanes * sizeof(TBits); line += LineBytes)
            {
                Sse.Prefetch1(ahead + line);
            }

            ahead += Outputs * Lanes * sizeof(TBits);
            TransposeEight<TWeight, TBits>(weights + k, columns, panel + (k * Outputs));
            TransposeEight<TWeight, TBits>(others + k, columns, panel + (k * Outputs) + Lanes);
        }

        if (k < count)
        {
            TBits* tile = stackalloc TBits[Outputs * Lanes];
            new Span<TBits>(tile, Outputs * Lanes).Clear();
            for (int output = 0; output < Outputs; output++)
            {
                new Span<TBits>(weights + (output * columns) + k, count - k).CopyTo(new Span<TBits>(tile + (output * Lanes), Lanes));
            }

            TransposeEight<TWeight, TBits>(tile, Lanes, panel + (k * Outputs));
            TransposeEight<TWeight, TBits>(tile + (Lanes * Lanes), Lanes, panel + (k * Outputs) + Lanes);
        }
    }

    /// <summary>Eight k of eight outputs: k after k, 16 elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeEight<TWeight, TBits>(TBits* weights, long columns, float* panel)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        TransposeFour<TWeight, TBits>(weights, columns, out Vector256<float> a0, out Vector256<float> a1, out Vector256<float> a2, out Vector256<float> a3);
        TransposeFour<TWeight, TBits>(weights + (4 * columns), columns, out Vector256<float> b0, out Vector256<float> b1, out Vector256<float> b2, out Vector256<float> b3);
        Avx.Permute2x128(a0, b0, 0x20).Store(panel);
        Avx.Permute2x128(a1, b1, 0x20).Store(panel + Outputs);
        Avx.Permute2x128(a2, b2, 0x20).Store(panel + (2 * Outputs));
        Avx.Permute2x128(a3, b3, 0x20).Store(panel + (3 * Outputs));
        Avx.Permute2x128(a0, b0, 0x31).Store(panel + (4 * Outputs));
        Avx.Permute2x128(a1, b1, 0x31).Store(panel + (5 * Outputs));
        Avx.Permute2x128(a2, b2, 0x31).Store(panel + (6 * Outputs));
        Avx.Permute2x128(a3, b3, 0x31).Store(panel + (7 * Outputs));
    }

    /// <summary>Eight k of four outputs: in each result, the lower half has one k of the four, the upper half the k that is four after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour<TWeight, TBits>(
        TBits* weights, long columns, out Vector256<float> p0, out Vector256<float> p1, out Vector256<float> p2, out Vector256<float> p3)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        Vector256<float> r0 = TWeight.Load(weights);
        Vector256<float> r1 = TWeight.Load(weights + columns);
        Vector256<float> r2 = TWeight.Load(weights + (2 * columns));
        Vector256<float> r3 = TWeight.Load(weights + (3 * columns));
        Vector256<double> even = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> odd = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> evenOfOthers = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> oddOfOthers = Avx.UnpackHigh(r2, r3).AsDouble();
        p0 = Avx.UnpackLow(even, evenOfOthers).AsSingle();
        p1 = Avx.UnpackHigh(even, evenOfOthers).AsSingle();
        p2 = Avx.UnpackLow(odd, oddOfOthers).AsSingle();
        p3 = Avx.UnpackHigh(odd, oddOfOthers).AsSingle();
    }

    /// <summary>Four rows times the panel, added to what is there of earlier k, if any. Rows that are missing are the last one again: it comes out the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyFour(float* x, long columns, int first, int last, float* panel, int count, bool add, float* y)
    {
        int second = Math.Min(first + 1, last);
        int third = Math.Min(first + 2, last);
        int fourth = Math.Min(first + 3, last);
        float* x0 = x + (first * columns);
        float* x1 = x + (second * columns);
        float* x2 = x + (third * columns);
        float* x3 = x + (fourth * columns);
        float* y0 = y + (first * Outputs);
        float* y1 = y + (second * Outputs);
        float* y2 = y + (third * Outputs);
        float* y3 = y + (fourth * Outputs);
        Vector256<float> low0 = default;
        Vector256<float> low1 = default;
        Vector256<float> low2 = default;
        Vector256<float> low3 = default;
        Vector256<float> high0 = default;
        Vector256<float> high1 = default;
        Vector256<float> high2 = default;
        Vector256<float> high3 = default;
        for (int k = 0; k < count; k++)
        {
            Vector256<float> low = Vector256.Load(panel);
            Vector256<float> high = Vector256.Load(panel + Lanes);
            panel += Outputs;
            var value = Vector256.Create(x0[k]);
            low0 = Fma.MultiplyAdd(value, low, low0);
            high0 = Fma.MultiplyAdd(value, high, high0);
            value = Vector256.Create(x1[k]);
            low1 = Fma.MultiplyAdd(value, low, low1);
            high1 = Fma.MultiplyAdd(value, high, high1);
            value = Vector256.Create(x2[k]);
            low2 = Fma.MultiplyAdd(value, low, low2);
            high2 = Fma.MultiplyAdd(value, high, high2);
            value = Vector256.Create(x3[k]);
            low3 = Fma.MultiplyAdd(value, low, low3);
            high3 = Fma.MultiplyAdd(value, high, high3);
        }

        if (add)
        {
            // All are read before one is written: rows may be the same.
            low0 = Vector256.Load(y0) + low0;
            high0 = Vector256.Load(y0 + Lanes) + high0;
            low1 = Vector256.Load(y1) + low1;
            high1 = Vector256.Load(y1 + Lanes) + high1;
            low2 = Vector256.Load(y2) + low2;
            high2 = Vector256.Load(y2 + Lanes) + high2;
            low3 = Vector256.Load(y3) + low3;
            high3 = Vector256.Load(y3 + Lanes) + high3;
        }

        low0.Store(y0);
        high0.Store(y0 + Lanes);
        low1.Store(y1);
        high1.Store(y1 + Lanes);
        low2.Store(y2);
        high2.Store(y2 + Lanes);
        low3.Store(y3);
        high3.Store(y3 + Lanes);
    }
}
