namespace OnnxLens.Tokenization;

/// <summary>The space put before a segment that does not begin with one.</summary>
/// <param name="Space">How a space is written. One other than " " takes the place of the spaces within, too.</param>
/// <param name="Where">Which segments get it.</param>
internal sealed record SegmentPrefix(char Space, SegmentPrefix.Scheme Where)
{
    /// <summary>Which segments get the space.</summary>
    public enum Scheme
    {
        /// <summary>None.</summary>
        Never,

        /// <summary>The one that begins the text.</summary>
        First,

        /// <summary>All.</summary>
        Always,
    }

    /// <summary>A plain space before every segment.</summary>
    public static SegmentPrefix PlainSpace { get; } = new(' ', Scheme.Always);

    /// <summary>The segment with what belongs before it.</summary>
    public string Apply(string segment, bool atStart)
    {
        segment = segment.Replace(' ', Space);
        bool wanted = Where == Scheme.Always || (Where == Scheme.First && atStart);
        return wanted && !segment.StartsWith(Space) ? Space + segment : segment;
    }
}
