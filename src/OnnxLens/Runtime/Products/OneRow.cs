using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of one fp32 row with weights as they are stored, which are widened in registers.</summary>
/// <remarks>
/// One output after the other, so that weights are read in the order in which they lie in memory: as fast as memory gives them. The order
/// of summing is the same for every type of weights and any number of threads: 32 sums of every 32nd k, each product added with one
/// rounding; another eight for the k that are left over; then halves to halves. Compiled for speed at once: the first steps of a model
/// count too.
/// </remarks>
internal static unsafe class OneRow
{
    private const int Lanes = 8;
    private const int Step = 4 * Lanes;
    private const int LineBytes = 64;

    // So far ahead weights are asked for: on its own the processor stops at the end of each page.
    private const int AheadBytes = 8 * 1024;

    /// <summary>Computes y[n] = Σ x[k]·w[n,k].</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <typeparam name="TBits">As wide as a weight.</typeparam>
    /// <param name="x">fp32 [K].</param>
    /// <param name="weights">[N,K], row-major.</param>
    /// <param name="y">fp32 [N].</param>
    /// <param name="columns">K.</param>
    /// <param name="outputs">N.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TWeight, TBits>(float* x, TBits* weights, float* y, int columns, long outputs)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        int even = columns / Step * Step;
        for (float* end = y + outputs; y < end; y++)
        {
            Vector256<float> s0 = default;
            Vector256<float> s1 = default;
            Vector256<float> s2 = default;
            Vector256<float> s3 = default;
            for (int k = 0; k < even; k += Step)
            {
                TBits* w = weights + k;
                Sse.Prefetch1((byte*)w + AheadBytes);
                if (sizeof(TBits) * Step > LineBytes)
                {
                    Sse.Prefetch1((byte*)w + AheadBytes + LineBytes);
                }

                s0 = Fma.MultiplyAdd(Vector256.Load(x + k), TWeight.Load(w), s0);
                s1 = Fma.MultiplyAdd(Vector256.Load(x + k + Lanes), TWeight.Load(w + Lanes), s1);
                s2 = Fma.MultiplyAdd(Vector256.Load(x + k + (2 * Lanes)), TWeight.Load(w + (2 * Lanes)), s2);
                s3 = Fma.MultiplyAdd(Vector256.Load(x + k + (3 * Lanes)), TWeight.Load(w + (3 * Lanes)), s3);
            }

            Vector256<float> sums = (s0 + s1) + (s2 + s3);
            if (even < columns)
            {
                sums += Rest<TWeight, TBits>(x + even, weights + even, columns - even);
            }

            Vector128<float> half = sums.GetLower() + sums.GetUpper();
            half += Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1));
            *y = half[0] + half[1];
            weights += columns;
        }
    }

    /// <summary>Eight sums of the last k, fewer than <see cref="Step"/>; zeros stand for those that are missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Rest<TWeight, TBits>(float* x, TBits* weights, int count)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        float* values = stackalloc float[Step];
        TBits* rest = stackalloc TBits[Step];
        new Span<float>(values, Step).Clear();
        new Span<TBits>(rest, Step).Clear();
        new Span<float>(x, count).CopyTo(new Span<float>(values, Step));
        new Span<TBits>(weights, count).CopyTo(new Span<TBits>(rest, Step));
        Vector256<float> sums = default;
        for (int k = 0; k < Step; k += Lanes)
        {
            sums = Fma.MultiplyAdd(Vector256.Load(values + k), TWeight.Load(rest + k), sums);
        }

        return sums;
    }
}
