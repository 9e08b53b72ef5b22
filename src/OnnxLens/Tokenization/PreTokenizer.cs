namespace OnnxLens.Tokenization;

/// <summary>Cuts a normalized segment into the pieces that are merged apart.</summary>
/// <param name="splits">Applied one after another, each to the pieces of the one before.</param>
/// <param name="prefix">What is put before a segment; null for nothing.</param>
internal sealed class PreTokenizer(IReadOnlyList<SplitPattern> splits, SegmentPrefix? prefix = null)
{
    /// <summary>The whole segment is one piece.</summary>
    public static PreTokenizer None { get; } = new([]);

    /// <summary>The segment as it is cut: itself, or with its prefix.</summary>
    /// <param name="segment">A normalized segment, not empty.</param>
    /// <param name="atStart">The segment begins the text.</param>
    public string Prepare(string segment, bool atStart) => prefix is null ? segment : prefix.Apply(segment, atStart);

    /// <summary>The pieces of a prepared segment, in order.</summary>
    public List<(int Start, int Length)> Split(string segment)
    {
        List<(int Start, int Length)> pieces = [(0, segment.Length)];
        foreach (SplitPattern split in splits)
        {
            List<(int Start, int Length)> finer = [];
            foreach ((int start, int length) in pieces)
                split.Split(segment.AsSpan(start, length), start, finer);
            pieces = finer;
        }

        return pieces;
    }
}
