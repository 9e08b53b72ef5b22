using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of two fp32 rows with quantised weights, which are read back in registers once for both, with vectors of eight.</summary>
/// <remarks>Sums are those of <see cref="OneRow"/> with the weights read back to single precision, to the bit.</remarks>
internal static unsafe class TwoQuantizedRows
{
    /// <summary>Rows that are multiplied so, two by two, at most: with more, reading weights back once for all of them is faster.</summary>
    public const int MostRows = 6;

    private const int BlockUnits = OneRow.Block / QuantizedRow.Unit;
    private const int Lanes = QuantizedRow.Unit / 4;
    private const int AheadBytes = 4 * 1024;

    /// <summary>Computes y[r,n] = Σ x[r,k]·w[n,k].</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="x">fp32 [2,K], arranged (<see cref="OneQuantizedRow.Arrange"/>).</param>
    /// <param name="weights">The weights.</param>
    /// <param name="y">fp32 [2,<paramref name="outputs"/>].</param>
    /// <param name="outputs">N.</param>
    /// <param name="from">The first output.</param>
    /// <param name="to">The output after the last.</param>
    public static void Multiply<TNumbers>(float* x, in QuantizedWeights weights, float* y, long outputs, long from, long to)
        where TNumbers : INumbers
    {
        if (weights.HasZeroPoints)
        {
            Multiply<TNumbers, StoredZeroPoints>(x, weights, y, outputs, from, to);
        }
        else
        {
            Multiply<TNumbers, MiddleZeroPoints>(x, weights, y, outputs, from, to);
        }
    }

    [MethodImpl(HotPath.Options)]
    private static void Multiply<TNumbers, TZeroPoints>(float* x, in QuantizedWeights weights, float* y, long outputs, long from, long to)
        where TNumbers : INumbers
        where TZeroPoints : IZeroPoints
    {
        int units = weights.Columns / QuantizedRow.Unit;
        long apart = weights.Columns;
        for (long output = from; output < to; output++)
        {
            QuantizedRow row = weights.Row(output);
            byte* numbers = row.Numbers;
            float* values = x;
            Vector256<float> zero = TNumbers.Zero8(row.MiddlePoint);
            float first = 0;
            float second = 0;
            for (int block = 0; block < units; block += BlockUnits)
            {
                Vector256<float> a0 = default;
                Vector256<float> a1 = default;
                Vector256<float> a2 = default;
                Vector256<float> a3 = default;
                Vector256<float> b0 = default;
                Vector256<float> b1 = default;
                Vector256<float> b2 = default;
                Vector256<float> b3 = default;
                int end = Math.Min(units, block + BlockUnits);
                for (int unit = block; unit < end; unit++)
                {
                    Sse.Prefetch1(numbers + AheadBytes);
                    zero = TZeroPoints.Zero8<TNumbers>(row, unit, zero);
                    Four w = TNumbers.Load8<TZeroPoints>(numbers, row.Scale(unit), zero);
                    a0 = Fma.MultiplyAdd(Vector256.Load(values), w.First, a0);
                    b0 = Fma.MultiplyAdd(Vector256.Load(values + apart), w.First, b0);
                    a1 = Fma.MultiplyAdd(Vector256.Load(values + Lanes), w.Second, a1);
                    b1 = Fma.MultiplyAdd(Vector256.Load(values + apart + Lanes), w.Second, b1);
                    a2 = Fma.MultiplyAdd(Vector256.Load(values + (2 * Lanes)), w.Third, a2);
                    b2 = Fma.MultiplyAdd(Vector256.Load(values + apart + (2 * Lanes)), w.Third, b2);
                    a3 = Fma.MultiplyAdd(Vector256.Load(values + (3 * Lanes)), w.Fourth, a3);
                    b3 = Fma.MultiplyAdd(Vector256.Load(values + apart + (3 * Lanes)), w.Fourth, b3);
                    numbers += TNumbers.UnitBytes;
                    values += QuantizedRow.Unit;
                }

                float firstTotal = TNumbers.Total(new Four(a0, a1, a2, a3));
                float secondTotal = TNumbers.Total(new Four(b0, b1, b2, b3));
                first = block == 0 ? firstTotal : first + firstTotal;
                second = block == 0 ? secondTotal : second + secondTotal;
            }

            y[output] = first;
            y[outputs + output] = second;
        }
    }
}
