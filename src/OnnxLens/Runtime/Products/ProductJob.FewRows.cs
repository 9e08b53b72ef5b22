using System.Runtime.CompilerServices;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>A few rows, with vectors of eight: one output after the other.</summary>
internal unsafe partial struct ProductJob
{
    /// <summary>Some outputs, two in turns that lie half of all apart, as <see cref="OneRow.MultiplyHalves"/> takes them.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyFewRows(long from, long to)
    {
        long half = (to - from) / 2;
        for (long output = from; output < from + half; output++)
        {
            MultiplyOutput(output, next: output + half);
            MultiplyOutput(output + half, next: Math.Min(output + 1, to - 1));
        }

        if (from + (2 * half) < to)
        {
            MultiplyOutput(to - 1, next: to - 1);
        }
    }

    /// <summary>All rows times one output.</summary>
    /// <param name="output">The output.</param>
    /// <param name="next">The output that is asked for. At an end it may be one that has been multiplied, which costs nothing.</param>
    [MethodImpl(HotPath.Options)]
    private readonly void MultiplyOutput(long output, long next)
    {
        for (int block = 0; block < Columns; block += OneRow.Block)
        {
            int columns = Math.Min(OneRow.Block, Columns - block);
            RowGroup rows = Group(0, Rows, output, block);
            bool add = block > 0;
            switch (Stored)
            {
                case ElementType.Float:
                    FewRows.Multiply<Fp32Weight, float>(rows, WeightsOf<float>(output) + block, WeightsOf<float>(next) + block, columns, add);
                    break;
                case ElementType.BFloat16:
                    FewRows.Multiply<Bf16Weight, ushort>(rows, WeightsOf<ushort>(output) + block, WeightsOf<ushort>(next) + block, columns, add);
                    break;
                default:
                    FewRows.Multiply<AnyFp16Weight, ushort>(rows, WeightsOf<ushort>(output) + block, next: null, columns, add); // Too few rows to ask.
                    break;
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
