using System.Numerics.Tensors;

namespace OnnxLens.Runtime.Head;

/// <summary>The unembedding in 8 bits, one scale for each token: logit ≈ scale · Σ weight·x.</summary>
/// <param name="Weights">Whole numbers from −127 to 127, int8 [H,V].</param>
/// <param name="Scales">[V].</param>
internal sealed record QuantizedUnembedding(byte[] Weights, float[] Scales)
{
    private const int Largest = 127;

    /// <summary>Tokens that are turned at once, so that whole cache lines are written.</summary>
    private const int Block = 64;

    /// <summary>Rounds every row to the nearest.</summary>
    /// <exception cref="InferenceException">The matrix is too large for one tensor inside a graph.</exception>
    public static QuantizedUnembedding Of(Unembedding unembedding, int threads)
    {
        (int rows, int columns) = (unembedding.Rows, unembedding.Columns);
        if ((long)rows * columns > Array.MaxLength - (1 << 20))
        {
            throw new InferenceException($"An unembedding of {rows} × {columns} in 8 bits is beyond the 2 GiB that a graph may hold. Leave the candidates out.", "(candidates)");
        }

        byte[] weights = new byte[rows * columns];
        float[] scales = new float[rows];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, (rows + Block - 1) / Block, options, () => new float[Block * columns], (block, _, scratch) =>
        {
            int first = block * Block;
            int count = Math.Min(Block, rows - first);
            for (int i = 0; i < count; i++)
            {
                Span<float> row = scratch.AsSpan(i * columns, columns);
                unembedding.Read(first + i, row);
                scales[first + i] = Math.Abs(TensorPrimitives.MaxMagnitude<float>(row)) / Largest;
                TensorPrimitives.Multiply(row, scales[first + i] > 0 ? 1 / scales[first + i] : 0, row);
                TensorPrimitives.Round<float>(row, row);
            }

            for (int column = 0; column < columns; column++)
            {
                Span<byte> target = weights.AsSpan((column * rows) + first, count);
                for (int i = 0; i < count; i++)
                {
                    target[i] = (byte)(sbyte)scratch[(i * columns) + column];
                }
            }

            return scratch;
        }, static _ => { });
        return new QuantizedUnembedding(weights, scales);
    }
}
