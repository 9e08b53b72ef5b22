using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;

namespace OnnxLens.Runtime.Head;

/// <summary>The unembedding in 8 bits, one scale for each token: logit ≈ scale · Σ weight·x.</summary>
/// <param name="Weights">Whole numbers from −127 to 127 above <paramref name="ZeroPoint"/>, [H,V]; int8 where that is 0, else uint8.</param>
/// <param name="ZeroPoint">0, or 128 where numbers with a sign would be multiplied wrongly.</param>
/// <param name="Scales">[V].</param>
/// <remarks>
/// Without instructions for the purpose (VNNI), ONNX Runtime multiplies unsigned by signed numbers with one that adds pairs of products in
/// 16 bits, of which 255·127 is too much for two: sums are cut off. Unsigned numbers it widens first. Both are the same whole numbers in
/// the end.
/// </remarks>
internal sealed record QuantizedUnembedding(byte[] Weights, byte ZeroPoint, float[] Scales)
{
    private const int ExtendedFeatures = 7;
    private const int Avx512Vnni = 1 << 11; // Of ECX, of the first leaf.
    private const int AvxVnni = 1 << 4; // Of EAX, of the second.

    private const int Largest = 127;

    /// <summary>Tokens that are turned at once, so that whole cache lines are written.</summary>
    private const int Block = 64;

    /// <summary>The zero point with which ONNX Runtime multiplies rightly on this processor, and fastest.</summary>
    public static byte BestZeroPoint { get; } = (byte)(MultipliesSignedRightly() ? 0 : 128);

    /// <summary>Rounds every row to the nearest.</summary>
    /// <param name="unembedding">The matrix.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="zeroPoint">0 or 128.</param>
    /// <exception cref="InferenceException">The matrix is too large for one tensor inside a graph.</exception>
    public static QuantizedUnembedding Of(Unembedding unembedding, int threads, byte zeroPoint)
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
                    target[i] = (byte)((int)scratch[(i * columns) + column] + zeroPoint);
                }
            }

            return scratch;
        }, static _ => { });
        return new QuantizedUnembedding(weights, zeroPoint, scales);
    }

    /// <summary>Whether the processor itself has VNNI: ONNX Runtime does not ask what .NET is told to leave unused.</summary>
    private static bool MultipliesSignedRightly()
    {
        if (!X86Base.IsSupported)
        {
            return true;
        }

        if (X86Base.CpuId(0, 0).Eax < ExtendedFeatures)
        {
            return false;
        }

        (int leaves, _, int features, _) = X86Base.CpuId(ExtendedFeatures, 0);
        return (features & Avx512Vnni) != 0 || (leaves >= 1 && (X86Base.CpuId(ExtendedFeatures, 1).Eax & AvxVnni) != 0);
    }
}
