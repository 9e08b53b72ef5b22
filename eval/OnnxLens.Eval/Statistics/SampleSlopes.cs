using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>How each sample's propensity follows the multiplier.</summary>
public static class SampleSlopes
{
    /// <summary>One slope for each sample, vector and hook point.</summary>
    /// <param name="cells">Every sample of a dataset at every vector, hook point and multiplier.</param>
    /// <returns>In the order in which the cells name dataset, vector and hook point first, and then the samples.</returns>
    /// <exception cref="EvalException">There are no cells, a logit is not finite, a cell is there twice or missing, or there is a single multiplier.</exception>
    public static ImmutableArray<SampleSlope> Of(IReadOnlyList<SweepCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var table = SweepTable.Of(cells);
        return [.. table.Groups.SelectMany(group => Of(group, table.Multipliers))];
    }

    /// <summary>The means over the samples, e.g. of control vectors.</summary>
    public static ImmutableArray<MeanSlope> Means(IReadOnlyList<SampleSlope> slopes)
    {
        ArgumentNullException.ThrowIfNull(slopes);
        return [.. slopes
            .GroupBy(slope => (slope.Dataset, slope.Vector, slope.Point))
            .Select(group => new MeanSlope(group.Key.Dataset, group.Key.Vector, group.Key.Point, group.Average(slope => slope.Slope)))];
    }

    internal static ImmutableArray<SampleSlope> Of(SweepGroup group, double[] multipliers) =>
        [.. group.Rows.Select(row =>
        {
            var fit = LineFit.Of(multipliers, row.Propensities);
            double? spearman = RankCorrelation.Spearman(multipliers, row.Propensities);
            return new SampleSlope(group.Dataset, row.Sample, row.Letter, group.Vector, group.Point, fit.Slope, fit.Intercept, fit.R2, spearman);
        })];
}
