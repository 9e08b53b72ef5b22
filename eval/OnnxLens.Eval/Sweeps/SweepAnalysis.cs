using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Statistics;

namespace OnnxLens.Eval.Sweeps;

/// <summary>What the cells of a sweep say: the vectors under test, set beside their controls.</summary>
public static class SweepAnalysis
{
    /// <summary>Summarises.</summary>
    /// <param name="cells">Every cell, controls among them.</param>
    /// <param name="costs">Costs on ordinary text; may be empty.</param>
    /// <param name="datasets">The datasets swept. Rows that ask the same question are resampled together.</param>
    /// <param name="bootstrap">How intervals are made.</param>
    /// <param name="cancellation">Stops within a bootstrap.</param>
    /// <exception cref="EvalException">A cell is missing, there twice, or not finite.</exception>
    public static SweepSummary Of(
        IReadOnlyList<SweepCell> cells, IReadOnlyList<SweepCost> costs, IReadOnlyList<PairSet> datasets, BootstrapOptions bootstrap, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(datasets);
        SweepCell[] tested = [.. cells.Where(cell => !ControlVectors.IsControl(cell.Vector))];
        SweepCell[] controls = [.. cells.Where(cell => ControlVectors.IsControl(cell.Vector))];
        ImmutableArray<MeanSlope> means = controls.Length == 0 ? [] : SampleSlopes.Means(SampleSlopes.Of(controls));
        Dictionary<(string, string), string> clusters = [];
        foreach (PairSet set in datasets)
        {
            for (int i = 0; i < set.Pairs.Length; i++)
            {
                clusters[(set.Name, set.Pairs[i].Sample)] = set.Rows[i].QuestionKey;
            }
        }

        return new SweepSummarizer(bootstrap).Summarize(new SweepMeasurements
        {
            Cells = tested,
            Controls =
            [
                .. means.Where(mean => ControlVectors.IsRandom(mean.Vector))
                    .GroupBy(mean => (mean.Dataset, mean.Point, Vector: ControlVectors.Subject(mean.Vector)))
                    .Select(group => new ControlSlopes(group.Key.Dataset, group.Key.Point, [.. group.Select(mean => mean.Value)], group.Key.Vector)),
            ],
            Shuffled = Beside(means, ControlVectors.Shuffled),
            LetterVectors = Beside(means, ControlVectors.Letter),
            Costs = costs,
            ClusterOf = (dataset, sample) => clusters.GetValueOrDefault((dataset, sample), sample),
        }, cancellation);
    }

    /// <summary>The mean slopes of one kind of control, under the names of the vectors that they belong to.</summary>
    private static ImmutableArray<MeanSlope> Beside(ImmutableArray<MeanSlope> means, string control) =>
    [
        .. means.Where(mean => mean.Vector.EndsWith("/" + control, StringComparison.Ordinal))
            .Select(mean => mean with { Vector = ControlVectors.Subject(mean.Vector) }),
    ];
}
