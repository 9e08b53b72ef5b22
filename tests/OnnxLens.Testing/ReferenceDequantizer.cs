namespace OnnxLens.Testing;

/// <summary>Reads block-quantised weights back, number by number, as the documentation of <c>MatMulNBits</c> lays them out.</summary>
public static class ReferenceDequantizer
{
    /// <summary>The weights [N,K], row-major: scale · (number − zero point).</summary>
    /// <param name="data">uint8 [N, blocks, block size · bits / 8]; of two numbers in a byte the first is the low half.</param>
    /// <param name="scales">[N, blocks].</param>
    /// <param name="zeroPoints">uint8 [N, ⌈blocks · bits / 8⌉], packed as the data are; empty means 2^(bits − 1) throughout.</param>
    /// <param name="columns">K.</param>
    /// <param name="bits">4 or 8.</param>
    /// <param name="blockSize">Weights of a block; the last of a row may be padded.</param>
    public static double[] Weights(ReadOnlySpan<byte> data, ReadOnlySpan<float> scales, ReadOnlySpan<byte> zeroPoints, int columns, int bits, int blockSize)
    {
        int blocks = (columns + blockSize - 1) / blockSize;
        int rows = scales.Length / blocks;
        int zeroRow = ((blocks * bits) + 7) / 8;
        double[] weights = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int block = column / blockSize;
                int number = Number(data[(row * blocks * blockSize * bits / 8)..], column, bits);
                int zero = zeroPoints.IsEmpty ? 1 << (bits - 1) : Number(zeroPoints[(row * zeroRow)..], block, bits);
                weights[(row * columns) + column] = (double)scales[(row * blocks) + block] * (number - zero);
            }
        }

        return weights;
    }

    private static int Number(ReadOnlySpan<byte> packed, int index, int bits) => bits == 8
        ? packed[index]
        : (index & 1) == 0 ? packed[index / 2] & 15 : packed[index / 2] >> 4;
}
