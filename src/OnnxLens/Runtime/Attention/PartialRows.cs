namespace OnnxLens.Runtime.Attention;

/// <summary>What was computed over some of the positions: of each row the largest score, the sum of e^(score − largest), and the values mixed by those.</summary>
/// <param name="memory">(D + 2) · <paramref name="rows"/> elements.</param>
/// <param name="rows">Rows at most.</param>
/// <param name="width">Width of a head, D.</param>
internal readonly unsafe struct PartialRows(float* memory, int rows, int width)
{
    /// <summary>[rows,D].</summary>
    public float* Mixed => memory;

    /// <summary>[rows]; −∞ where a row saw none.</summary>
    public float* Most => memory + ((long)rows * width);

    /// <summary>[rows].</summary>
    public float* Sums => Most + rows;

    /// <summary>The values of a row.</summary>
    public float* MixedOf(int row) => memory + ((long)row * width);

    /// <summary>Sees no position yet.</summary>
    public void Clear()
    {
        new Span<float>(memory, rows * (width + 2)).Clear();
        new Span<float>(Most, rows).Fill(float.NegativeInfinity);
    }
}
