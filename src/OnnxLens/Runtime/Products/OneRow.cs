using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of one fp32 row with bf16 weights, which are widened in registers.</summary>
/// <remarks>
/// Sums in the order of ONNX Runtime's single-precision product of one row, so that the bits are those of widened weights: eight sums of
/// every eighth k, each product rounded before it is added, and then these, in an order of its own for outputs that are left over from
/// groups of four. It was found out by trying; tests hold it. Compiled for speed at once: the first steps of a model count too.
/// </remarks>
internal static unsafe class OneRow
{
    /// <summary>Outputs that are computed together.</summary>
    public const int Outputs = 4;

    private const int Lanes = 8;
    private const int Step = 2 * Lanes;
    private const int RowsAhead = 2 * Outputs;
    private const int WeightsOfLine = 64 / sizeof(ushort);

    /// <summary>Computes y[0 … count − 1].</summary>
    /// <param name="x">fp32 [K].</param>
    /// <param name="weights">bf16 [count,K], row-major.</param>
    /// <param name="y">fp32 [count].</param>
    /// <param name="columns">K.</param>
    /// <param name="count">1 to <see cref="Outputs"/>.</param>
    public static void Multiply(float* x, ushort* weights, float* y, int columns, int count)
    {
        if (count < Outputs)
        {
            for (int i = 0; i < count; i++)
            {
                Vector256<float> sums = Sums(x, weights + ((long)i * columns), columns);
                y[i] = i < count / 2 * 2 ? OfTwo(sums) : OfOne(sums);
            }
        }
        else if (columns % Step == 0)
        {
            MultiplyFour(x, weights, y, columns);
        }
        else
        {
            ushort* others = weights + (2L * columns);
            OfFour(Sums(x, weights, columns), Sums(x, weights + columns, columns), Sums(x, others, columns), Sums(x, others + columns, columns)).Store(y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyFour(float* x, ushort* weights, float* y, int columns)
    {
        Vector256<float> s0 = default;
        Vector256<float> s1 = default;
        Vector256<float> s2 = default;
        Vector256<float> s3 = default;
        ushort* w0 = weights;
        ushort* w1 = w0 + columns;
        ushort* w2 = w1 + columns;
        ushort* w3 = w2 + columns;
        ushort* ahead = weights + ((long)RowsAhead * columns);
        for (ushort* end = w1; w0 < end; w0 += Step)
        {
            // Each row is a stream of its own; asking for all of them in the order of memory spares the processor to foresee four.
            Sse.Prefetch1(ahead);
            Sse.Prefetch1(ahead + WeightsOfLine);
            ahead += 2 * WeightsOfLine;
            Vector256<float> values = Vector256.Load(x);
            s0 = Add(s0, values, w0);
            s1 = Add(s1, values, w1);
            s2 = Add(s2, values, w2);
            s3 = Add(s3, values, w3);
            values = Vector256.Load(x + Lanes);
            s0 = Add(s0, values, w0 + Lanes);
            s1 = Add(s1, values, w1 + Lanes);
            s2 = Add(s2, values, w2 + Lanes);
            s3 = Add(s3, values, w3 + Lanes);
            x += Step;
            w1 += Step;
            w2 += Step;
            w3 += Step;
        }

        OfFour(s0, s1, s2, s3).Store(y);
    }

    /// <summary>The eight sums of one output, for any K.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Sums(float* x, ushort* weights, int columns)
    {
        Vector256<float> sums = default;
        int k = 0;
        for (; k <= columns - Lanes; k += Lanes)
        {
            sums = Add(sums, Vector256.Load(x + k), weights + k);
        }

        if (k < columns)
        {
            float* values = stackalloc float[Lanes];
            ushort* rest = stackalloc ushort[Lanes];
            new Span<float>(values, Lanes).Clear();
            new Span<ushort>(rest, Lanes).Clear();
            new Span<float>(x + k, columns - k).CopyTo(new Span<float>(values, Lanes));
            new Span<ushort>(weights + k, columns - k).CopyTo(new Span<ushort>(rest, Lanes));
            sums = Add(sums, Vector256.Load(values), rest);
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sums, Vector256<float> x, ushort* weights) =>
        Avx.Add(sums, Avx.Multiply(x, (Avx2.ConvertToVector256Int32(weights).AsUInt32() << 16).AsSingle()));

    /// <summary>An output that is left over alone.</summary>
    private static float OfOne(Vector256<float> s) => ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));

    /// <summary>An output that is left over with another one.</summary>
    private static float OfTwo(Vector256<float> s) => ((s[0] + s[2]) + (s[4] + s[6])) + ((s[1] + s[3]) + (s[5] + s[7]));

    /// <summary>((s[0] + s[1]) + s[2]) + s[3] of the lower and the upper half of each, then both.</summary>
    private static Vector128<float> OfFour(Vector256<float> s0, Vector256<float> s1, Vector256<float> s2, Vector256<float> s3)
    {
        Vector256<double> even = Avx.UnpackLow(s0, s1).AsDouble();
        Vector256<double> odd = Avx.UnpackHigh(s0, s1).AsDouble();
        Vector256<double> evenOfOthers = Avx.UnpackLow(s2, s3).AsDouble();
        Vector256<double> oddOfOthers = Avx.UnpackHigh(s2, s3).AsDouble();
        Vector256<float> halves = Avx.UnpackLow(even, evenOfOthers).AsSingle() + Avx.UnpackHigh(even, evenOfOthers).AsSingle();
        halves += Avx.UnpackLow(odd, oddOfOthers).AsSingle();
        halves += Avx.UnpackHigh(odd, oddOfOthers).AsSingle();
        return halves.GetLower() + halves.GetUpper();
    }
}
