using MathNet.Numerics.Statistics;

namespace OnnxLens.Eval.Statistics;

/// <summary>How far two orders agree.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's ρ: the Pearson correlation of the ranks, where equal values share the mean of their ranks.</summary>
    /// <param name="x">Values, finite.</param>
    /// <param name="y">As many values, finite.</param>
    /// <returns>A value in [−1, 1], or null where x or y is constant.</returns>
    /// <remarks>Spearman 1904; with ties as in Kendall, Rank Correlation Methods, chapter 3. Computed by MathNet.Numerics.</remarks>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double? Spearman(double[] x, double[] y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"There are {y.Length} values for {x.Length} places.", nameof(y));
        }

        return IsConstant(x) || IsConstant(y) ? null : Math.Clamp(Correlation.Spearman(x, y), -1, 1);
    }

    private static bool IsConstant(double[] values) => values.Length == 0 || !values.AsSpan().ContainsAnyExcept(values[0]);
}
