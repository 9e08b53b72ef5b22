using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Several rows: a tile of weights at a time, over which all of them pass.</summary>
internal unsafe partial struct ProductJob
{
    private const int OutputsAhead = 4;

    // With so many outputs a tile of a block of columns is 512 KiB, or with vectors of eight 192: it stays in the second cache while all rows pass over
    // it. That of processors without AVX-512 is often of 256 KiB or 512.
    private const int MostTilePairs = 64;
    private const int MostArrangedPairs = 24;

    /// <summary>Elements of a thread's tile; arranged, with room for a quantised output that is read back before it is.</summary>
    public static int TileSize => EightColumns.AreUsed ? ((2 * MostArrangedPairs) + 1) * OneRow.Block : 2 * MostTilePairs * OneRow.Block;

    private static int TilePairs => EightColumns.AreUsed ? MostArrangedPairs : MostTilePairs;

    /// <summary>All rows pass over each tile: with fewer pairs they do too often.</summary>
    private static int LeastTilePairs => EightColumns.AreUsed ? 12 : 16;

    /// <summary>All rows times some pairs of outputs.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyTile(int part, long output, int pairs)
    {
        if (IsArrangedByFour)
        {
            MultiplyArranged(part, output, pairs);
            return;
        }

        for (int block = 0; block < Columns; block += OneRow.Block)
        {
            if (ReadsBackInRegisters)
            {
                MultiplyQuantized(output, pairs, block);
                continue;
            }

            WeightTile tile = Tile(part, output, block, pairs);
            for (long row = 0; row < Rows;)
            {
                RowGroup rows = Group(row, GroupSize(Rows - row), output, block);
                if (rows.Rows > FourRows.MostRows)
                {
                    SixRows.Multiply(rows, tile, add: block > 0);
                }
                else
                {
                    FourRows.Multiply(rows, tile, add: block > 0);
                }

                tile = tile with { IsStored = false }; // It is in the caches now.
                row += rows.Rows;
            }
        }
    }

    /// <summary><see cref="MultiplyTile"/> with vectors of eight.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyArranged(int part, long output, int pairs)
    {
        for (int block = 0; block < Columns; block += OneRow.Block)
        {
            WeightTile tile = ArrangedTile(part, output, block, pairs);
            // Quantised weights are read back first, which takes longer than they take to come.
            WeightsAhead ahead = Stored == ElementType.UInt8 ? default : After(output, block, pairs);
            float* x = X + (block * RowArrangement.Padded(Rows));
            for (long row = 0; row < Rows; row += FourRows.MostRows)
            {
                var rows = new RowGroup
                {
                    X = x + (row * tile.Columns),
                    XStride = 0,
                    Y = Y + (row * Outputs) + output,
                    YStride = Outputs,
                    Rows = (int)Math.Min(FourRows.MostRows, Rows - row),
                };
                FourRowsOfEight.Multiply(rows, tile, add: block > 0, ref ahead);
            }
        }
    }

    /// <summary>The weights that come after those of some outputs and of a block of columns: the next block, or the next outputs.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly WeightsAhead After(long output, int block, int pairs)
    {
        long rows = 2L * pairs;
        int next = block + OneRow.Block;
        if (next >= Columns)
        {
            next = 0;
            output += rows;
            rows = Math.Clamp(Outputs - output, 0, rows);
        }

        long asks = FourRowsOfEight.Passes * RowArrangement.Padded(Rows) / FourRows.MostRows * (((2L * pairs) + FourRowsOfEight.Outputs - 1) / FourRowsOfEight.Outputs);
        int size = Stored.ByteSize();
        byte* weights = (byte*)Weights + (((output * Columns) + next) * size);
        return new WeightsAhead(weights, (long)Columns * size, Math.Min(OneRow.Block, Columns - next) * size, rows, asks);
    }

    /// <summary>All rows times some pairs of outputs and a block of columns, quantised.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyQuantized(long output, int pairs, int block)
    {
        int columns = Math.Min(OneRow.Block, Columns - block);
        for (long row = 0; row < Rows; row += FourRows.MostRows)
        {
            RowGroup rows = Group(row, Math.Min(FourRows.MostRows, Rows - row), output, block);
            if (Quantized.Bits == 4)
            {
                FourQuantizedRows.Multiply<Int4Numbers>(rows, Quantized, output, pairs, block, columns, add: block > 0, ask: row == 0);
            }
            else
            {
                FourQuantizedRows.Multiply<Int8Numbers>(rows, Quantized, output, pairs, block, columns, add: block > 0, ask: row == 0);
            }
        }
    }

    /// <summary>How many of the rows that are left are multiplied together: six, unless fours leave fewer places empty (7 are 4 and 3).</summary>
    private static long GroupSize(long left) =>
        Math.Min(left, left is > FourRows.MostRows and not (7 or 8) ? SixRows.MostRows : FourRows.MostRows);

    /// <summary>Some rows from one on.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly RowGroup Group(long row, long count, long output, int column) => new()
    {
        X = X + (row * XStride) + column,
        XStride = XStride,
        Y = Y + (row * Outputs) + output,
        YStride = Outputs,
        Rows = (int)count,
    };

    /// <summary>The weights of some outputs and of a block of columns in single precision, in the thread's tile or where they are stored.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly WeightTile Tile(int part, long output, int block, int pairs)
    {
        int columns = Math.Min(OneRow.Block, Columns - block);
        if (Tiles == null)
        {
            return new WeightTile { Weights = WeightsOf<float>(output) + block, Stride = Columns, Pairs = pairs, Columns = columns, IsStored = true };
        }

        float* widened = Tiles + ((long)part * TileSize);
        int padded = Padded(columns);
        for (int i = 0; i < 2 * pairs; i++)
        {
            Widen(output + i, block, columns, widened + ((long)i * padded), padded);
        }

        return new WeightTile { Weights = widened, Stride = padded, Pairs = pairs, Columns = padded, IsStored = false };
    }

    /// <summary>The weights of some outputs and of a block of columns in single precision, arranged in the thread's tile.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly WeightTile ArrangedTile(int part, long output, int block, int pairs)
    {
        int columns = Math.Min(OneRow.Block, Columns - block);
        int padded = Padded(columns);
        float* tile = Tiles + ((long)part * TileSize);
        float* widened = tile + (2L * MostArrangedPairs * OneRow.Block);
        for (int i = 0; i < 2 * pairs; i++)
        {
            (int group, int member) = Math.DivRem(i, FourRowsOfEight.Outputs);
            float* arranged = tile + ((long)group * FourRowsOfEight.Outputs * padded);
            switch (Stored)
            {
                case ElementType.Float:
                    EightColumns.Arrange<Fp32Weight, float>(WeightsOf<float>(output + i) + block, columns, padded, fill: 0, arranged, member, FourRowsOfEight.Outputs);
                    break;
                case ElementType.BFloat16:
                    EightColumns.Arrange<Bf16Weight, ushort>(WeightsOf<ushort>(output + i) + block, columns, padded, fill: 0, arranged, member, FourRowsOfEight.Outputs);
                    break;
                case ElementType.UInt8:
                    Widen(output + i, block, columns, widened, padded);
                    EightColumns.Arrange<Fp32Weight, float>(widened, padded, padded, fill: 0, arranged, member, FourRowsOfEight.Outputs);
                    break;
                default:
                    EightColumns.Arrange<AnyFp16Weight, ushort>(WeightsOf<ushort>(output + i) + block, columns, padded, fill: 0, arranged, member, FourRowsOfEight.Outputs);
                    break;
            }
        }

        return new WeightTile { Weights = tile, Stride = padded, Pairs = pairs, Columns = padded, IsStored = false };
    }

    [MethodImpl(HotPath.Options)]
    private readonly void Widen(long output, int block, int columns, float* widened, int padded)
    {
        long ahead = (long)OutputsAhead * Columns;
        switch (Stored)
        {
            case ElementType.Float:
                Widening.Widen<Fp32Weight, float>(WeightsOf<float>(output) + block, widened, columns, padded, ahead);
                break;
            case ElementType.BFloat16:
                Widening.Widen<Bf16Weight, ushort>(WeightsOf<ushort>(output) + block, widened, columns, padded, ahead);
                break;
            case ElementType.UInt8:
                if (Quantized.Bits == 4)
                {
                    Widening.Widen<Int4Numbers>(Quantized, output, block, columns, widened, padded, ahead / 2);
                }
                else
                {
                    Widening.Widen<Int8Numbers>(Quantized, output, block, columns, widened, padded, ahead);
                }

                break;
            default:
                Widening.Widen<AnyFp16Weight, ushort>(WeightsOf<ushort>(output) + block, widened, columns, padded, ahead);
                break;
        }
    }
}
