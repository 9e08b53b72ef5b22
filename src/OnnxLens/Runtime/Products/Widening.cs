using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Widens weights to single precision in memory. Compiled for speed at once: the first prompt of a model counts too.</summary>
internal static unsafe class Widening
{
    private const int Lanes = 8;
    private const int LineBytes = 64;

    /// <summary>Widens weights that lie behind each other, and writes zeros after them.</summary>
    /// <typeparam name="TWeight">The weights' type.</typeparam>
    /// <typeparam name="TBits">As wide as a weight.</typeparam>
    /// <param name="weights">The first.</param>
    /// <param name="widened">Room for <paramref name="padded"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="padded">How many with the zeros; a multiple of eight.</param>
    /// <param name="ahead">The weights so many after those that are widened are asked for.</param>
    [MethodImpl(HotPath.Options)]
    public static void Widen<TWeight, TBits>(TBits* weights, float* widened, int count, int padded, long ahead)
        where TWeight : IWeight<TBits>
        where TBits : unmanaged
    {
        int k = 0;
        for (; k <= count - Lanes; k += Lanes)
        {
            if (k * sizeof(TBits) % LineBytes == 0)
            {
                Sse.Prefetch1(weights + k + ahead);
            }

            TWeight.Load(weights + k).Store(widened + k);
        }

        if (k < count)
        {
            TBits* rest = stackalloc TBits[Lanes];
            new Span<TBits>(rest, Lanes).Clear();
            new Span<TBits>(weights + k, count - k).CopyTo(new Span<TBits>(rest, Lanes));
            TWeight.Load(rest).Store(widened + k);
            k += Lanes;
        }

        for (; k < padded; k += Lanes)
        {
            Vector256<float>.Zero.Store(widened + k);
        }
    }

    /// <summary>Reads weights back to single precision, and writes zeros after them.</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="weights">The weights.</param>
    /// <param name="output">The output.</param>
    /// <param name="column">The first column; a multiple of <see cref="QuantizedRow.Unit"/>.</param>
    /// <param name="count">Columns.</param>
    /// <param name="widened">Room for <paramref name="padded"/>.</param>
    /// <param name="padded">Columns with the zeros; a multiple of <see cref="QuantizedRow.Unit"/>.</param>
    /// <param name="ahead">The numbers so many bytes after those that are read are asked for.</param>
    public static void Widen<TNumbers>(in QuantizedWeights weights, long output, int column, int count, float* widened, int padded, long ahead)
        where TNumbers : INumbers
    {
        QuantizedRow row = weights.Row(output);
        int unit = column / QuantizedRow.Unit;
        if (Avx512F.IsSupported)
        {
            WidenBy16<TNumbers>(row, unit, count, widened, ahead);
        }
        else
        {
            WidenBy8<TNumbers>(row, unit, count, widened, ahead);
        }

        new Span<float>(widened + count, padded - count).Clear();
    }

    /// <summary>Reads whole units back, with vectors of 16.</summary>
    [MethodImpl(HotPath.Options)]
    public static void WidenBy16<TNumbers>(in QuantizedRow row, int unit, int count, float* widened, long ahead)
        where TNumbers : INumbers
    {
        Vector512<float> zero = TNumbers.Zero16(row.MiddlePoint);
        byte* numbers = row.Numbers + ((long)unit * TNumbers.UnitBytes);
        for (int k = 0; k < count; k += QuantizedRow.Unit)
        {
            Sse.Prefetch1(numbers + ahead);
            zero = row.Zero16<TNumbers>(unit, zero);
            (Vector512<float> first, Vector512<float> second) = TNumbers.Load16(numbers, row.Scale(unit), zero);
            (first, second) = TNumbers.InOrder(first, second);
            first.Store(widened + k);
            second.Store(widened + k + (QuantizedRow.Unit / 2));
            numbers += TNumbers.UnitBytes;
            unit++;
        }
    }

    /// <summary><see cref="WidenBy16"/> with vectors of eight.</summary>
    [MethodImpl(HotPath.Options)]
    public static void WidenBy8<TNumbers>(in QuantizedRow row, int unit, int count, float* widened, long ahead)
        where TNumbers : INumbers
    {
        Vector256<float> zero = TNumbers.Zero8(row.MiddlePoint);
        byte* numbers = row.Numbers + ((long)unit * TNumbers.UnitBytes);
        for (int k = 0; k < count; k += QuantizedRow.Unit)
        {
            Sse.Prefetch1(numbers + ahead);
            zero = row.Zero8<TNumbers>(unit, zero);
            // By subtraction, whichever zero points there are: what is written are the weights to the bit, with the sign of a zero.
            Four values = TNumbers.InOrder(TNumbers.Load8<StoredZeroPoints>(numbers, row.Scale(unit), zero));
            values.Store(widened + k);
            numbers += TNumbers.UnitBytes;
            unit++;
        }
    }
}
