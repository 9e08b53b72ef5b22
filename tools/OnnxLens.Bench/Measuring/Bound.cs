namespace OnnxLens.Bench.Measuring;

/// <summary>What a figure is held to.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="IsUpper">True where the figure must not be above it, false where it must not be below.</param>
internal sealed record Bound(double Limit, bool IsUpper)
{
    /// <summary>At most this.</summary>
    public static Bound AtMost(double limit) => new(limit, true);

    /// <summary>At least this.</summary>
    public static Bound AtLeast(double limit) => new(limit, false);

    /// <summary>True where the median keeps the bound.</summary>
    public bool Holds(Spread value) => IsUpper ? value.Median <= Limit : value.Median >= Limit;
}
