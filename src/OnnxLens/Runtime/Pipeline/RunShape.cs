namespace OnnxLens.Runtime.Pipeline;

/// <summary>The rows and positions of one run of the pipeline.</summary>
/// <param name="Length">Positions per row, S, padding counted.</param>
/// <param name="Starts">Per row, its first position.</param>
/// <param name="Counts">Per row, how many of the S positions are real; the rest, at the right, is padding.</param>
/// <param name="Branches">True: the S tokens of the only row are continuations of one prefix, all at its first position, and none sees another.</param>
/// <param name="Recomputed">How many of the first positions of every row were run before, and are run again because nothing was kept of them.</param>
internal sealed record RunShape(int Length, int[] Starts, int[] Counts, bool Branches = false, int Recomputed = 0)
{
    /// <summary>Rows, B.</summary>
    public int Batch => Starts.Length;

    /// <summary>Positions per row that were not run before.</summary>
    public int NewLength => Length - Recomputed;

    /// <summary>The position of the i-th token of a row.</summary>
    public int PositionOf(int row, int index) => Branches ? Starts[row] : Starts[row] + index;

    /// <summary>Entries of the cache that a row has after the run.</summary>
    public int TotalOf(int row) => Starts[row] + Counts[row];

    /// <summary>The first position of a row that was not run before.</summary>
    public int FirstNewOf(int row) => Starts[row] + Recomputed;

    /// <summary>How many positions of a row were not run before.</summary>
    public int NewCountOf(int row) => Counts[row] - Recomputed;
}
