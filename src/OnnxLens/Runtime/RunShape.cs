namespace OnnxLens.Runtime;

/// <summary>The rows and positions of one run of the pipeline.</summary>
/// <param name="Length">Positions per row, S, padding counted.</param>
/// <param name="Starts">Per row, its first position.</param>
/// <param name="Counts">Per row, how many of the S positions are real; the rest, at the right, is padding.</param>
/// <param name="Branches">True: the S tokens of the only row are continuations of one prefix, all at its first position, and none sees another.</param>
internal sealed record RunShape(int Length, int[] Starts, int[] Counts, bool Branches = false)
{
    /// <summary>Rows, B.</summary>
    public int Batch => Starts.Length;

    /// <summary>The position of the i-th token of a row.</summary>
    public int PositionOf(int row, int index) => Branches ? Starts[row] : Starts[row] + index;

    /// <summary>Entries of the cache that a row has after the run.</summary>
    public int TotalOf(int row) => Starts[row] + Counts[row];
}
