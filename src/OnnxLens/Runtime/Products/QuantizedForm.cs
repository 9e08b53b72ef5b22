namespace OnnxLens.Runtime.Products;

/// <summary>How a matrix is quantised, in the layout of com.microsoft <c>MatMulNBits</c>.</summary>
/// <param name="Bits">Bits of a number, 4 or 8.</param>
/// <param name="BlockSize">Columns that share a scale: a power of two, 32 or more.</param>
/// <param name="HasZeroPoints">True where each block has its own zero point; else it is 2^(bits − 1).</param>
internal readonly record struct QuantizedForm(int Bits, int BlockSize, bool HasZeroPoints)
{
    /// <summary>Blocks of an output.</summary>
    /// <param name="columns">K.</param>
    public int Blocks(int columns) => (columns + BlockSize - 1) / BlockSize;

    /// <summary>Bytes of the numbers of an output: whole blocks, lower bits first.</summary>
    public long RowBytes(int columns) => (long)Blocks(columns) * BlockSize * Bits / 8;

    /// <summary>Bytes of the zero points of an output.</summary>
    public int ZeroPointBytes(int columns) => ((Blocks(columns) * Bits) + 7) / 8;
}
