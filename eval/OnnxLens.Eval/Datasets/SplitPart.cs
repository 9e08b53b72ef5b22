namespace OnnxLens.Eval.Datasets;

/// <summary>A split that is asked for: its name, and how many rows go into it.</summary>
public sealed record SplitPart
{
    private SplitPart(string name, double? fraction, int? count)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Fraction = fraction;
        Count = count;
    }

    /// <summary>The split's name.</summary>
    public string Name { get; }

    /// <summary>The fraction of rows expected, in (0, 1]; null where a count is asked for.</summary>
    public double? Fraction { get; }

    /// <summary>The exact number of rows; null where a fraction is asked for.</summary>
    public int? Count { get; }

    /// <summary>About this fraction of the rows.</summary>
    /// <param name="name">The split's name.</param>
    /// <param name="fraction">In (0, 1].</param>
    /// <exception cref="SelectionException">The fraction is out of range.</exception>
    public static SplitPart OfFraction(string name, double fraction) => fraction is > 0 and <= 1
        ? new SplitPart(name, fraction, null)
        : throw new SelectionException(FormattableString.Invariant($"Split '{name}' is to have the fraction {fraction} of the rows; expected more than 0 and at most 1."));

    /// <summary>Exactly this many rows.</summary>
    /// <param name="name">The split's name.</param>
    /// <param name="count">At least 1.</param>
    /// <exception cref="SelectionException">The count is below 1.</exception>
    public static SplitPart OfCount(string name, int count) => count >= 1
        ? new SplitPart(name, null, count)
        : throw new SelectionException(FormattableString.Invariant($"Split '{name}' is to have {count} rows; expected at least 1."));
}
