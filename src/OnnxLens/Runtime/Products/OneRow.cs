using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of one fp32 row with weights as they are stored, which are widened in registers.</summary>
/// <remarks>
/// Weights are read as fast as memory gives them: with AVX-512 in the order in which they lie there, else in two such streams
/// (<see cref="MultiplyHalves"/>). Every product of a row and an output is summed in the same order, whatever the type of weights, the number
/// of rows and that of threads: in each block of 1,024 k, 32 sums of every 32nd k, each product added with one rounding; then halves to halves
/// (<see cref="Total"/>); then block to block. Compiled for speed at once: the first steps of a model count too.
/// </remarks>
internal static unsafe class OneRow
{
    /// <summary>Sums of a block.</summary>
    public const int Sums = 4 * Lanes;

    /// <summary>k that are summed before their sum is added to that of those before.</summary>
    public const int Block = 1024;

    private const int Lanes = 8;
    private const int LineBytes = 64;

    // So far ahead weights are asked for: on its own the processor stops at the end of each page.
    private const int AheadBytes = 8 * 1024;

    /// <summary>Computes y[n] = Σ x[k]·w[n,k].</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <typeparam name="TBits">As wide as a weight.</typeparam>
    /// <param name="x">fp32 [K].</param>
    /// <param name="weights">[N,K], row-major.</param>
    /// <param name="y">fp32 [N].</param>
    /// <param name="columns">K; a multiple of <see cref="Sums"/>.</param>
    /// <param name="outputs">N.</param>
    [MethodImpl(HotPath.Options)]
    public static void Multiply<TWeight, TBits>(float* x, TBits* weights, float* y, int columns, long outputs)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        if (Avx512F.IsSupported)
        {
            MultiplyInOrder<TWeight, TBits>(x, weights, y, columns, outputs);
        }
        else
        {
            MultiplyHalves<TWeight, TBits>(x, weights, y, columns, outputs);
        }
    }

    /// <summary><see cref="Multiply"/>, one output after the other.</summary>
    [MethodImpl(HotPath.Options)]
    public static void MultiplyInOrder<TWeight, TBits>(float* x, TBits* weights, float* y, int columns, long outputs)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        for (float* end = y + outputs; y < end; y++)
        {
            for (int from = 0; from < columns; from += Block)
            {
                int to = Math.Min(columns, from + Block);
                Vector256<float> s0 = default;
                Vector256<float> s1 = default;
                Vector256<float> s2 = default;
                Vector256<float> s3 = default;
                for (int k = from; k < to; k += Sums)
                {
                    TBits* w = weights + k;
                    Ask((TBits*)((byte*)w + AheadBytes));
                    s0 = Fma.MultiplyAdd(Vector256.Load(x + k), TWeight.Load(w), s0);
                    s1 = Fma.MultiplyAdd(Vector256.Load(x + k + Lanes), TWeight.Load(w + Lanes), s1);
                    s2 = Fma.MultiplyAdd(Vector256.Load(x + k + (2 * Lanes)), TWeight.Load(w + (2 * Lanes)), s2);
                    s3 = Fma.MultiplyAdd(Vector256.Load(x + k + (3 * Lanes)), TWeight.Load(w + (3 * Lanes)), s3);
                }

                float sum = Total(s0, s1, s2, s3);
                *y = from == 0 ? sum : *y + sum;
            }

            weights += columns;
        }
    }

    /// <summary><see cref="Multiply"/>, two outputs at a time that lie half of all apart. Processors that ask for a few streams of memory by themselves do so better than they are told.</summary>
    [MethodImpl(HotPath.Options)]
    public static void MultiplyHalves<TWeight, TBits>(float* x, TBits* weights, float* y, int columns, long outputs)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        long half = outputs / 2;
        TBits* others = weights + (half * columns);
        for (float* end = y + half; y < end; y++)
        {
            for (int from = 0; from < columns; from += Block)
            {
                int to = Math.Min(columns, from + Block);
                Vector256<float> a0 = default;
                Vector256<float> a1 = default;
                Vector256<float> a2 = default;
                Vector256<float> a3 = default;
                Vector256<float> b0 = default;
                Vector256<float> b1 = default;
                Vector256<float> b2 = default;
                Vector256<float> b3 = default;
                for (int k = from; k < to; k += Sums)
                {
                    Add<TWeight, TBits>(x + k, weights + k, others + k, ref a0, ref b0);
                    Add<TWeight, TBits>(x + k + Lanes, weights + k + Lanes, others + k + Lanes, ref a1, ref b1);
                    Add<TWeight, TBits>(x + k + (2 * Lanes), weights + k + (2 * Lanes), others + k + (2 * Lanes), ref a2, ref b2);
                    Add<TWeight, TBits>(x + k + (3 * Lanes), weights + k + (3 * Lanes), others + k + (3 * Lanes), ref a3, ref b3);
                }

                float first = Total(a0, a1, a2, a3);
                float second = Total(b0, b1, b2, b3);
                *y = from == 0 ? first : *y + first;
                y[half] = from == 0 ? second : y[half] + second;
            }

            weights += columns;
            others += columns;
        }

        MultiplyInOrder<TWeight, TBits>(x, others, y + half, columns, outputs - (2 * half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TWeight, TBits>(float* x, TBits* first, TBits* second, ref Vector256<float> a, ref Vector256<float> b)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        Vector256<float> row = Vector256.Load(x);
        a = Fma.MultiplyAdd(row, TWeight.Load(first), a);
        b = Fma.MultiplyAdd(row, TWeight.Load(second), b);
    }

    /// <summary>Asks for weights of as many columns as there are sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ask<TBits>(TBits* weights)
        where TBits : unmanaged
    {
        Sse.Prefetch1(weights);
        if (sizeof(TBits) * Sums > LineBytes)
        {
            Sse.Prefetch1((byte*)weights + LineBytes);
        }
    }

    /// <summary>The sum of 32 sums: the second half added to the first, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Total(Vector256<float> s0, Vector256<float> s1, Vector256<float> s2, Vector256<float> s3)
    {
        Vector256<float> low = s0 + s2;
        Vector256<float> high = s1 + s3;
        Vector128<float> four = (low.GetLower() + low.GetUpper()) + (high.GetLower() + high.GetUpper());
        four += Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return four[0] + four[1];
    }
}
