using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>One product, as the threads of a session work on it together (<see cref="ProductGroup"/>).</summary>
internal unsafe partial struct ProductJob
{
    // Weights that are read back in registers are read for each four rows, or two: fewer of them stay nearer.
    private const int ReadBackPairs = 32;

    // Of quantised weights with vectors of 16: with more, reading them back once is faster.
    private const int MostRowsByFour = 12;

    // Of one row, and of few: what is read between two looks at what is left, where a pair is not more.
    private const int MostPieceBytes = 256 * 1024;
    private const int LeastPieceBytes = 32 * 1024;

    /// <summary>What rows are filled up with: times a weight of 0 it leaves every sum as it is, also one that is −0.</summary>
    public const float RowFill = -0f;

    /// <summary>
    /// fp32 [M,<see cref="XStride"/>]: the rows as they came; or filled up with zeros; or arranged, each (<see cref="OneQuantizedRow.Arrange"/>) or four
    /// together (<see cref="RowArrangement"/>).
    /// </summary>
    public float* X;

    /// <summary>Elements from one row to the next; where tiles are multiplied, a multiple of <see cref="FourRows.Step"/>. Of rows arranged by four it is not used.</summary>
    public int XStride;

    /// <summary>[N,K]; null where they are quantised.</summary>
    public void* Weights;

    /// <summary>Weights of 4 or 8 bits.</summary>
    public QuantizedWeights Quantized;

    /// <summary>The weights' type: fp32, fp16, bf16, or uint8 where they are quantised.</summary>
    public ElementType Stored;

    /// <summary>fp32 [M,N].</summary>
    public float* Y;

    /// <summary>M.</summary>
    public long Rows;

    /// <summary>N.</summary>
    public int Outputs;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>The outputs, in pairs; of an odd number the last goes with the pair before.</summary>
    public PairShares Pairs;

    /// <summary>fp32 [threads,<see cref="TileSize"/>] for weights that are widened, filled up or arranged; null where they are read from where they are stored.</summary>
    public float* Tiles;

    /// <summary>True where the one row is multiplied in the order of memory.</summary>
    public readonly bool TakesOneRow => Rows == 1 && Columns % OneRow.Sums == 0;

    /// <summary>True where there are few rows and quantised weights are read back for each four of them, or each two; then rows are arranged for it.</summary>
    public readonly bool ReadsBackInRegisters =>
        Stored == ElementType.UInt8 && Rows > 1 && Rows <= (FourQuantizedRows.IsSupported ? MostRowsByFour : TwoQuantizedRows.MostRows) && Columns % QuantizedRow.Unit == 0;

    /// <summary>True where several rows, and the weights, are arranged for vectors of eight (<see cref="EightColumns"/>).</summary>
    public readonly bool IsArrangedByFour => EightColumns.AreUsed && !TakesOneRow && !TakesFewRows && !ReadsBackInRegisters;

    /// <summary>
    /// True where a few rows, as they came, are multiplied with weights where they are stored, one output after the other and with vectors of eight; no
    /// tile is needed.
    /// </summary>
    public readonly bool TakesFewRows =>
        EightColumns.AreUsed && Stored != ElementType.UInt8 && Columns % OneRow.Sums == 0 && Rows > 1 && Rows <= FewRows.Most(Stored);

    /// <summary>Shares the outputs out.</summary>
    /// <param name="taken">Counters for each thread, all 0 (<see cref="PairShares.Taken"/>).</param>
    /// <param name="threads">Threads that work.</param>
    public void ShareOut(long* taken, int threads)
    {
        (int most, int least) = (TilePairs, LeastTilePairs);
        if (TakesOneRow || TakesFewRows)
        {
            long pairBytes = 2 * (Stored == ElementType.UInt8 ? Quantized.RowBytes : Columns * (long)Stored.ByteSize());
            (most, least) = ((int)Math.Max(1, MostPieceBytes / pairBytes), (int)Math.Max(1, LeastPieceBytes / pairBytes));
        }
        else if (ReadsBackInRegisters)
        {
            most = ReadBackPairs;
        }

        Pairs = new PairShares { Taken = taken, Shares = threads, Pairs = Outputs / 2, Most = most, Least = threads == 1 ? most : least };
    }

    /// <summary>Computes outputs of a share for all rows, until none is left.</summary>
    /// <param name="part">The tile that is used.</param>
    /// <param name="share">The share.</param>
    [MethodImpl(HotPath.Options)]
    public readonly void Multiply(int part, int share)
    {
        while (Pairs.Take(share, out long from, out long to))
        {
            MultiplyPairs(part, from, to);
        }
    }

    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyPairs(int part, long from, long to)
    {
        bool hasLast = 2 * to == Outputs - 1;
        long end = hasLast ? Outputs : 2 * to;
        if (TakesOneRow)
        {
            MultiplyOneRow(2 * from, end);
            return;
        }

        if (TakesFewRows)
        {
            MultiplyFewRows(2 * from, end);
            return;
        }

        if (ReadsBackInRegisters && !FourQuantizedRows.IsSupported)
        {
            MultiplyRowsByTwo(2 * from, end);
            return;
        }

        MultiplyTile(part, 2 * from, (int)(to - from));
        if (hasLast)
        {
            // Beside the output before, which comes to the same bits again; this thread has computed it.
            MultiplyTile(part, Outputs - 2, pairs: 1);
        }
    }

    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyOneRow(long from, long to)
    {
        switch (Stored)
        {
            case ElementType.Float:
                OneRow.Multiply<Fp32Weight, float>(X, WeightsOf<float>(from), Y + from, Columns, to - from);
                break;
            case ElementType.BFloat16:
                OneRow.Multiply<Bf16Weight, ushort>(X, WeightsOf<ushort>(from), Y + from, Columns, to - from);
                break;
            case ElementType.UInt8:
                if (Quantized.Bits == 4)
                {
                    OneQuantizedRow.Multiply<Int4Numbers>(X, Quantized, Y, from, to);
                }
                else
                {
                    OneQuantizedRow.Multiply<Int8Numbers>(X, Quantized, Y, from, to);
                }

                break;
            default:
                for (long output = from; output < to; output++)
                {
                    ushort* weights = WeightsOf<ushort>(output);
                    if (Fp16Weight.AreFinite(new ReadOnlySpan<ushort>(weights, Columns)))
                    {
                        OneRow.MultiplyInOrder<Fp16Weight, ushort>(X, weights, Y + output, Columns, outputs: 1);
                    }
                    else
                    {
                        OneRow.MultiplyInOrder<AnyFp16Weight, ushort>(X, weights, Y + output, Columns, outputs: 1);
                    }
                }

                break;
        }
    }

    /// <summary>True where several rows of so many columns may be copied before they are multiplied: to be filled up, or arranged.</summary>
    public static bool CopiesRows(int columns) => EightColumns.AreUsed || Padded(columns) > columns;

    /// <summary>Columns, up to whole steps.</summary>
    public static int Padded(int columns) => (columns + FourRows.Step - 1) / FourRows.Step * FourRows.Step;

    private readonly TBits* WeightsOf<TBits>(long output)
        where TBits : unmanaged => (TBits*)Weights + (output * Columns);
}
