using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of a row that is one of several with weights of 16 bits, which are widened in registers.</summary>
/// <remarks>
/// Sums in the order of ONNX Runtime's single-precision product of several rows, so that the bits are those of widened weights: k after k
/// with one rounding each, and apart for every <see cref="SummingOrder.Depth"/> of them. Lanes of a vector are therefore outputs, and weights,
/// which lie k after k, are transposed eight rows at a time, two of them as one number of 32 bits.
/// </remarks>
internal static unsafe class FewRows
{
    /// <summary>Outputs that are computed together.</summary>
    public const int Outputs = 16;

    private const int Half = Outputs / 2;
    private const int Step = 16; // k of a tile: eight pairs.
    private const int WeightsOfLine = 64 / sizeof(ushort);

    /// <summary>Computes y[0 … 15].</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <param name="x">fp32 [K].</param>
    /// <param name="weights">[16,K], row-major.</param>
    /// <param name="y">fp32 [16].</param>
    /// <param name="columns">K.</param>
    /// <param name="depth">After so many k the sum begins anew; a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TWeight>(float* x, ushort* weights, float* y, int columns, int depth)
        where TWeight : IHalfWeight
    {
        ushort* others = weights + ((long)Half * columns);
        ushort* ahead = others + ((long)Half * columns);
        Vector256<float> low = default;
        Vector256<float> high = default;
        for (int block = 0; block < columns; block += depth)
        {
            int end = Math.Min(columns, block + depth);
            Vector256<float> lowSum = default;
            Vector256<float> highSum = default;
            int k = block;
            for (; k <= end - Step; k += Step)
            {
                ahead = Prefetch(ahead);
                lowSum = AddTile<TWeight>(lowSum, x + k, weights + k, columns);
                highSum = AddTile<TWeight>(highSum, x + k, others + k, columns);
            }

            if (k < end)
            {
                AddRest<TWeight>(ref lowSum, ref highSum, x + k, weights + k, columns, end - k);
            }

            low = block == 0 ? lowSum : low + lowSum;
            high = block == 0 ? highSum : high + highSum;
        }

        low.Store(y);
        high.Store(y + Half);
    }

    /// <summary>Asks for the next rows in the order of memory: each row is a stream of its own, too many for the processor to foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort* Prefetch(ushort* ahead)
    {
        for (int line = 0; line < Outputs * Step / WeightsOfLine; line++)
        {
            Sse.Prefetch1(ahead + (line * WeightsOfLine));
        }

        return ahead + (Outputs * Step);
    }

    /// <summary>Adds the last k where they fill no tile, by a tile of zeros beyond them.</summary>
    private static void AddRest<TWeight>(ref Vector256<float> low, ref Vector256<float> high, float* x, ushort* weights, int columns, int count)
        where TWeight : IHalfWeight
    {
        ushort* tile = stackalloc ushort[Outputs * Step];
        float* padded = stackalloc float[Step];
        new Span<ushort>(tile, Outputs * Step).Clear();
        new Span<float>(padded, Step).Clear();
        new Span<float>(x, count).CopyTo(new Span<float>(padded, Step));
        for (int row = 0; row < Outputs; row++)
        {
            new Span<ushort>(weights + ((long)row * columns), count).CopyTo(new Span<ushort>(tile + (row * Step), Step));
        }

        low = AddTile<TWeight>(low, padded, tile, Step);
        high = AddTile<TWeight>(high, padded, tile + (Half * Step), Step);
    }

    /// <summary>Adds x[k]·w[n,k] for 8 n and 16 k, k after k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddTile<TWeight>(Vector256<float> sum, float* x, ushort* weights, long columns)
        where TWeight : IHalfWeight
    {
        Transpose(weights, columns, out Vector256<double> a0, out Vector256<double> a1, out Vector256<double> a2, out Vector256<double> a3);
        Transpose(weights + (4 * columns), columns, out Vector256<double> b0, out Vector256<double> b1, out Vector256<double> b2, out Vector256<double> b3);
        sum = AddPair<TWeight>(sum, x, Avx.Permute2x128(a0, b0, 0x20));
        sum = AddPair<TWeight>(sum, x + 2, Avx.Permute2x128(a1, b1, 0x20));
        sum = AddPair<TWeight>(sum, x + 4, Avx.Permute2x128(a2, b2, 0x20));
        sum = AddPair<TWeight>(sum, x + 6, Avx.Permute2x128(a3, b3, 0x20));
        sum = AddPair<TWeight>(sum, x + 8, Avx.Permute2x128(a0, b0, 0x31));
        sum = AddPair<TWeight>(sum, x + 10, Avx.Permute2x128(a1, b1, 0x31));
        sum = AddPair<TWeight>(sum, x + 12, Avx.Permute2x128(a2, b2, 0x31));
        return AddPair<TWeight>(sum, x + 14, Avx.Permute2x128(a3, b3, 0x31));
    }

    /// <summary>Eight pairs of four rows: in each result, the lower half has one pair of the four rows, the upper half the pair that is four after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ushort* weights, long columns, out Vector256<double> p0, out Vector256<double> p1, out Vector256<double> p2, out Vector256<double> p3)
    {
        Vector256<float> r0 = Vector256.Load((float*)weights);
        Vector256<float> r1 = Vector256.Load((float*)(weights + columns));
        Vector256<float> r2 = Vector256.Load((float*)(weights + (2 * columns)));
        Vector256<float> r3 = Vector256.Load((float*)(weights + (3 * columns)));
        Vector256<double> even = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> odd = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> evenOfOthers = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> oddOfOthers = Avx.UnpackHigh(r2, r3).AsDouble();
        p0 = Avx.UnpackLow(even, evenOfOthers);
        p1 = Avx.UnpackHigh(even, evenOfOthers);
        p2 = Avx.UnpackLow(odd, oddOfOthers);
        p3 = Avx.UnpackHigh(odd, oddOfOthers);
    }

    /// <summary>Two k of eight outputs: the earlier is the lower half of each pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddPair<TWeight>(Vector256<float> sum, float* x, Vector256<double> pairs)
        where TWeight : IHalfWeight
    {
        Vector256<uint> bits = pairs.AsUInt32();
        sum = Fma.MultiplyAdd(Vector256.Create(x[0]), TWeight.First(bits), sum);
        return Fma.MultiplyAdd(Vector256.Create(x[1]), TWeight.Second(bits), sum);
    }
}
