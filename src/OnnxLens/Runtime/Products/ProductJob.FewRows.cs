using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>A few rows, with vectors of eight: one output after the other.</summary>
internal unsafe partial struct ProductJob
{
    /// <summary>Some outputs, two in turns that lie half of all apart, as <see cref="OneRow.MultiplyHalves"/> takes them.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyFewRows(int part, long from, long to)
    {
        long half = (to - from) / 2;
        for (long output = from; output < from + half; output++)
        {
            MultiplyOutput(part, output, next: output + half);
            MultiplyOutput(part, output + half, next: output + 1 < from + half ? output + 1 : to - 1);
        }

        if (from + (2 * half) < to)
        {
            MultiplyOutput(part, to - 1, next: to - 1);
        }
    }

    /// <summary>All rows times one output.</summary>
    /// <param name="part">The tile that is used.</param>
    /// <param name="output">The output.</param>
    /// <param name="next">The output that comes next.</param>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyOutput(int part, long output, long next)
    {
        for (int block = 0; block < Columns; block += OneRow.Block)
        {
            int columns = Math.Min(OneRow.Block, Columns - block);
            RowGroup rows = Group(0, Rows, output, block);
            bool add = block > 0;
            if (!TakesFewRowsInPlace)
            {
                float* widened = Tiles + ((long)part * TileSize);
                int padded = Padded(columns);
                Widen(output, block, columns, widened, padded);
                FewRows.Multiply<Fp32Weight, float>(rows, widened, next: null, padded, add);
            }
            else if (Stored == ElementType.Float)
            {
                FewRows.Multiply<Fp32Weight, float>(rows, WeightsOf<float>(output) + block, WeightsOf<float>(next) + block, columns, add);
            }
            else if (Stored == ElementType.BFloat16)
            {
                FewRows.Multiply<Bf16Weight, ushort>(rows, WeightsOf<ushort>(output) + block, WeightsOf<ushort>(next) + block, columns, add);
            }
            else
            {
                FewRows.Multiply<AnyFp16Weight, ushort>(rows, WeightsOf<ushort>(output) + block, WeightsOf<ushort>(next) + block, columns, add);
            }
        }
    }

    /// <summary>All rows times some outputs, quantised.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyRowsByTwo(long from, long to)
    {
        for (long row = 0; row < Rows; row += 2)
        {
            float* x = X + (row * Columns);
            float* y = Y + (row * Outputs);
            if (Quantized.Bits == 4)
            {
                MultiplyUpToTwo<Int4Numbers>(x, y, Rows - row, from, to);
            }
            else
            {
                MultiplyUpToTwo<Int8Numbers>(x, y, Rows - row, from, to);
            }
        }
    }

    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyUpToTwo<TNumbers>(float* x, float* y, long rows, long from, long to)
        where TNumbers : INumbers
    {
        if (rows == 1)
        {
            OneQuantizedRow.Multiply<TNumbers>(x, Quantized, y, from, to);
        }
        else
        {
            TwoQuantizedRows.Multiply<TNumbers>(x, Quantized, y, Outputs, from, to);
        }
    }
}
