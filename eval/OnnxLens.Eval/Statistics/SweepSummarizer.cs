using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>Turns the cells of a sweep into slopes and summaries. Pure: the same cells and seed give the same numbers.</summary>
/// <param name="options">How intervals are made; null is <see cref="BootstrapOptions"/> as it stands. Every summary starts from the same seed.</param>
public sealed class SweepSummarizer(BootstrapOptions? options = null)
{
    private readonly BootstrapOptions _options = options ?? new BootstrapOptions();

    /// <summary>Summarises.</summary>
    /// <remarks>
    /// The interval of the mean slope and the band of the mean curve come from the same resamples (<see cref="Bootstrap"/>).
    /// Summaries stand in the order in which the cells name dataset, vector and hook point first.
    /// </remarks>
    /// <param name="measurements">What was measured.</param>
    /// <param name="cancellation">Stops within a bootstrap.</param>
    /// <exception cref="EvalException">There are no cells, a logit is not finite, a cell is there twice or missing, or there is a single multiplier.</exception>
    public SweepSummary Summarize(SweepMeasurements measurements, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        var table = SweepTable.Of(measurements.Cells);
        var slopes = ImmutableArray.CreateBuilder<SampleSlope>();
        var summaries = ImmutableArray.CreateBuilder<CurveSummary>(table.Groups.Count);
        foreach (SweepGroup group in table.Groups)
        {
            ImmutableArray<SampleSlope> own = SampleSlopes.Of(group, table.Multipliers);
            slopes.AddRange(own);
            summaries.Add(WithComparisons(Summarize(group, own, table.Multipliers, measurements.ClusterOf, cancellation), measurements));
        }

        return new SweepSummary(slopes.ToImmutable(), summaries.ToImmutable());
    }

    private CurveSummary Summarize(
        SweepGroup group, ImmutableArray<SampleSlope> samples, double[] multipliers, Func<string, string, string>? clusterOf, CancellationToken cancellation)
    {
        double[][] rows = [.. group.Rows.Select(row => row.Propensities)];
        double[] slopes = [.. samples.Select(sample => sample.Slope)];
        double[] curve = Curves.Mean(rows);
        var fit = LineFit.Of(multipliers, curve);
        double[] spearmans = [.. samples.Select(sample => sample.Spearman).OfType<double>()];
        int[]? clusters = Clusters(group, clusterOf);
        IEnumerable<double[]> columns = Enumerable.Range(0, multipliers.Length).Select(i => rows.Select(row => row[i]).ToArray());
        ImmutableArray<Interval> intervals = Bootstrap.OfMeans([slopes, .. columns], _options, clusters, cancellation);
        return new CurveSummary
        {
            Dataset = group.Dataset,
            Vector = group.Vector,
            Point = group.Point,
            Samples = rows.Length,
            Questions = clusters?.Distinct().Count(),
            MeanSlope = slopes.Average(),
            CiLow = intervals.IsEmpty ? null : intervals[0].Low,
            CiHigh = intervals.IsEmpty ? null : intervals[0].High,
            CurveSlope = fit.Slope,
            CurveR2 = fit.R2,
            MeanSpearman = spearmans.Length > 0 ? spearmans.Average() : null,
            AntiSteerable = Curves.AntiSteerable(slopes),
            Monotonic = (double)rows.Count(row => Curves.RisesAtEveryStep(row)) / rows.Length,
            Multipliers = [.. multipliers],
            Curve = [.. curve],
            CurveLow = [.. intervals.Skip(1).Select(interval => interval.Low)],
            CurveHigh = [.. intervals.Skip(1).Select(interval => interval.High)],
            ByLetter = [.. samples
                .GroupBy(sample => sample.Letter)
                .OrderBy(letter => letter.Key, StringComparer.Ordinal)
                .Select(letter => new LetterSlope(letter.Key, letter.Count(), letter.Average(sample => sample.Slope)))],
        };
    }

    private static int[]? Clusters(SweepGroup group, Func<string, string, string>? clusterOf)
    {
        if (clusterOf is null)
        {
            return null;
        }

        var numbers = new Dictionary<string, int>();
        return [.. group.Rows.Select(row =>
        {
            string name = clusterOf(group.Dataset, row.Sample);
            numbers.TryAdd(name, numbers.Count);
            return numbers[name];
        })];
    }

    private static CurveSummary WithComparisons(CurveSummary summary, SweepMeasurements measurements)
    {
        double[] controls = [.. measurements.Controls
            .Where(control => control.Dataset == summary.Dataset && control.Point == summary.Point && (control.Vector is null || control.Vector == summary.Vector))
            .SelectMany(control => control.MeanSlopes)];
        SweepCost? cost = measurements.Costs.FirstOrDefault(cost => cost.Vector == summary.Vector && cost.Point == summary.Point && cost.Multiplier == 1);
        return summary with
        {
            ControlSlopeMean = controls.Length > 0 ? controls.Average() : null,
            ControlSlopeSd = controls.Length > 1 ? ArrayStatistics.StandardDeviation(controls) : null,
            ShuffledSlope = Find(measurements.Shuffled, summary),
            LetterVectorSlope = Find(measurements.LetterVectors, summary),
            Kl = cost?.Kl,
            PerplexityRatio = cost?.PerplexityRatio,
        };
    }

    private static double? Find(IReadOnlyList<MeanSlope> slopes, CurveSummary summary) =>
        slopes.FirstOrDefault(slope => slope.Dataset == summary.Dataset && slope.Vector == summary.Vector && slope.Point == summary.Point)?.Value;
}
