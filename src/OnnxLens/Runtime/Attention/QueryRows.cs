namespace OnnxLens.Runtime.Attention;

/// <summary>One to four rows of a matrix that are computed together; in place of one that is missing stands the last, which comes out the same.</summary>
internal readonly unsafe struct QueryRows
{
    /// <summary>Rows at most.</summary>
    public const int Most = 4;

    private readonly float* _first;
    private readonly long _stride;

    /// <param name="first">The first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Rows, 1 to <see cref="Most"/>.</param>
    public QueryRows(float* first, long stride, int count)
    {
        _first = first;
        _stride = stride;
        Count = count;
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>A row.</summary>
    public float* this[int row] => _first + (Math.Min(row, Count - 1) * _stride);
}
