namespace OnnxLens.Bench.Measuring;

/// <summary>What repeated measurements gave.</summary>
/// <param name="Median">The median.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The largest.</param>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>A single value.</summary>
    public static Spread Single(double value) => new(value, value, value);

    /// <summary>Of samples, at least one.</summary>
    public static Spread Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>Of the quotients of samples that were taken together.</summary>
    public static Spread OfRatios(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators) =>
        Of(numerators.Zip(denominators, (numerator, denominator) => numerator / denominator));

    /// <summary>Of the quotients of samples that were taken at different times, each with each.</summary>
    public static Spread OfRatiosApart(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators) =>
        Of(numerators.SelectMany(_ => denominators, (numerator, denominator) => numerator / denominator));
}
