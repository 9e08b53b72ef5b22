using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of one fp32 row with quantised weights, which are read back in registers.</summary>
/// <remarks>Sums are those of <see cref="OneRow"/> with the weights read back to single precision, to the bit.</remarks>
internal static unsafe class OneQuantizedRow
{
    private const int BlockUnits = OneRow.Block / QuantizedRow.Unit;
    private const int Half = QuantizedRow.Unit / 2;
    private const int Lanes = QuantizedRow.Unit / 4;
    private const int LineBytes = 64;
    private const int AheadBytes = 4 * 1024;

    /// <summary>Copies a row in the order in which weights are read.</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="x">fp32 [K]; K is a multiple of <see cref="QuantizedRow.Unit"/>.</param>
    /// <param name="arranged">Room for as many.</param>
    /// <param name="columns">K.</param>
    [MethodImpl(HotPath.Options)]
    public static void Arrange<TNumbers>(float* x, float* arranged, int columns)
        where TNumbers : INumbers
    {
        for (int k = 0; k < columns; k += QuantizedRow.Unit)
        {
            Four values = TNumbers.Arrange(Four.Load(x + k));
            values.Store(arranged + k);
        }
    }

    /// <summary>Computes y[n] = Σ x[k]·w[n,k].</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="x">fp32 [K], arranged.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="y">fp32 [N].</param>
    /// <param name="from">The first output.</param>
    /// <param name="to">The output after the last.</param>
    public static void Multiply<TNumbers>(float* x, in QuantizedWeights weights, float* y, long from, long to)
        where TNumbers : INumbers
    {
        if (Avx512F.IsSupported)
        {
            MultiplyBy16<TNumbers>(x, weights, y, from, to);
        }
        else
        {
            MultiplyBy8<TNumbers>(x, weights, y, from, to);
        }
    }

    /// <summary><see cref="Multiply"/> with vectors of 16.</summary>
    public static void MultiplyBy16<TNumbers>(float* x, in QuantizedWeights weights, float* y, long from, long to)
        where TNumbers : INumbers
    {
        if (weights.HasZeroPoints)
        {
            MultiplyBy16<TNumbers, StoredZeroPoints>(x, weights, y, from, to);
        }
        else
        {
            MultiplyBy16<TNumbers, MiddleZeroPoints>(x, weights, y, from, to);
        }
    }

    [MethodImpl(HotPath.Options)]
    private static void MultiplyBy16<TNumbers, TZeroPoints>(float* x, in QuantizedWeights weights, float* y, long from, long to)
        where TNumbers : INumbers
        where TZeroPoints : IZeroPoints
    {
        int units = weights.Columns / QuantizedRow.Unit;
        for (long output = from; output < to; output += 2)
        {
            // An output that has no other beside it is computed twice.
            long other = Math.Min(output + 1, to - 1);
            QuantizedRow rowA = weights.Row(output);
            QuantizedRow rowB = weights.Row(other);
            byte* numbers = rowA.Numbers;
            long apart = rowB.Numbers - numbers;
            byte* ahead = numbers + AheadBytes; // In the order of memory: both outputs go on together, each in half of what is read.
            float* values = x;
            Vector512<float> zeroA = TNumbers.Zero16(rowA.MiddlePoint);
            Vector512<float> zeroB = zeroA;
            float sumA = 0;
            float sumB = 0;
            for (int block = 0; block < units; block += BlockUnits)
            {
                Vector512<float> firstA = default;
                Vector512<float> secondA = default;
                Vector512<float> firstB = default;
                Vector512<float> secondB = default;
                int end = Math.Min(units, block + BlockUnits);
                int unit = block;
                for (; unit < end - 1; unit += 2)
                {
                    Sse.Prefetch1(ahead);
                    if (TNumbers.UnitBytes > LineBytes / 4)
                    {
                        Sse.Prefetch1(ahead + LineBytes);
                    }

                    ahead += 4 * TNumbers.UnitBytes;
                    AddUnit<TNumbers, TZeroPoints>(rowA, unit, numbers, values, ref zeroA, ref firstA, ref secondA);
                    AddUnit<TNumbers, TZeroPoints>(rowB, unit, numbers + apart, values, ref zeroB, ref firstB, ref secondB);
                    AddUnit<TNumbers, TZeroPoints>(rowA, unit + 1, numbers + TNumbers.UnitBytes, values + QuantizedRow.Unit, ref zeroA, ref firstA, ref secondA);
                    AddUnit<TNumbers, TZeroPoints>(rowB, unit + 1, numbers + apart + TNumbers.UnitBytes, values + QuantizedRow.Unit, ref zeroB, ref firstB, ref secondB);
                    numbers += 2 * TNumbers.UnitBytes;
                    values += 2 * QuantizedRow.Unit;
                }

                if (unit < end)
                {
                    AddUnit<TNumbers, TZeroPoints>(rowA, unit, numbers, values, ref zeroA, ref firstA, ref secondA);
                    AddUnit<TNumbers, TZeroPoints>(rowB, unit, numbers + apart, values, ref zeroB, ref firstB, ref secondB);
                }

                float totalA = TNumbers.Total(new Four(firstA.GetLower(), firstA.GetUpper(), secondA.GetLower(), secondA.GetUpper()));
                float totalB = TNumbers.Total(new Four(firstB.GetLower(), firstB.GetUpper(), secondB.GetLower(), secondB.GetUpper()));
                sumA = block == 0 ? totalA : sumA + totalA;
                sumB = block == 0 ? totalB : sumB + totalB;
            }

            y[output] = sumA;
            y[other] = sumB;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddUnit<TNumbers, TZeroPoints>(
        in QuantizedRow row, int unit, byte* numbers, float* values, ref Vector512<float> zero, ref Vector512<float> first, ref Vector512<float> second)
        where TNumbers : INumbers
        where TZeroPoints : IZeroPoints
    {
        zero = TZeroPoints.Zero16<TNumbers>(row, unit, zero);
        (Vector512<float> w0, Vector512<float> w1) = TNumbers.Load16(numbers, row.Scale(unit), zero);
        first = Avx512F.FusedMultiplyAdd(Vector512.Load(values), w0, first);
        second = Avx512F.FusedMultiplyAdd(Vector512.Load(values + Half), w1, second);
    }

    /// <summary><see cref="Multiply"/> with vectors of eight.</summary>
    public static void MultiplyBy8<TNumbers>(float* x, in QuantizedWeights weights, float* y, long from, long to)
        where TNumbers : INumbers
    {
        if (weights.HasZeroPoints)
        {
            MultiplyBy8<TNumbers, StoredZeroPoints>(x, weights, y, from, to);
        }
        else
        {
            MultiplyBy8<TNumbers, MiddleZeroPoints>(x, weights, y, from, to);
        }
    }

    [MethodImpl(HotPath.Options)]
    private static void MultiplyBy8<TNumbers, TZeroPoints>(float* x, in QuantizedWeights weights, float* y, long from, long to)
        where TNumbers : INumbers
        where TZeroPoints : IZeroPoints
    {
        int units = weights.Columns / QuantizedRow.Unit;
        for (long output = from; output < to; output++)
        {
            QuantizedRow row = weights.Row(output);
            byte* numbers = row.Numbers;
            float* values = x;
            Vector256<float> zero = TNumbers.Zero8(row.MiddlePoint);
            float sum = 0;
            for (int block = 0; block < units; block += BlockUnits)
            {
                Vector256<float> s0 = default;
                Vector256<float> s1 = default;
                Vector256<float> s2 = default;
                Vector256<float> s3 = default;
                int end = Math.Min(units, block + BlockUnits);
                for (int unit = block; unit < end; unit++)
                {
                    Sse.Prefetch1(numbers + AheadBytes);
                    zero = TZeroPoints.Zero8<TNumbers>(row, unit, zero);
                    Four w = TNumbers.Load8<TZeroPoints>(numbers, row.Scale(unit), zero);
                    s0 = Fma.MultiplyAdd(Vector256.Load(values), w.First, s0);
                    s1 = Fma.MultiplyAdd(Vector256.Load(values + Lanes), w.Second, s1);
                    s2 = Fma.MultiplyAdd(Vector256.Load(values + (2 * Lanes)), w.Third, s2);
                    s3 = Fma.MultiplyAdd(Vector256.Load(values + (3 * Lanes)), w.Fourth, s3);
                    numbers += TNumbers.UnitBytes;
                    values += QuantizedRow.Unit;
                }

                float total = TNumbers.Total(new Four(s0, s1, s2, s3));
                sum = block == 0 ? total : sum + total;
            }

            y[output] = sum;
        }
    }
}
