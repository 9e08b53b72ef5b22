using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Eval.Drift;

/// <summary>Condenses cells to a row for each hook point. Every position of every prompt counts alike.</summary>
public static class DriftSummarizer
{
    /// <summary>The low quantile of the cosine that is reported: interpolated linearly between neighbours (type 7 of Hyndman and Fan 1996).</summary>
    public const double LowQuantile = 0.05;

    /// <summary>Summarises.</summary>
    /// <param name="cells">The cells of all prompts.</param>
    /// <returns>One for each hook point, in the order in which the cells name them.</returns>
    public static ImmutableArray<PointDrift> Of(IEnumerable<DriftCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        return [.. cells.GroupBy(cell => cell.Point).Select(group => Of(group.Key, [.. group.Select(cell => cell.Comparison)]))];
    }

    private static PointDrift Of(HookPoint point, CellComparison[] all)
    {
        CellComparison[] cells = [.. all.Where(cell => cell.IsDefined)];
        LogitComparison[] logits = [.. cells.Select(cell => cell.Logits)];
        LogitComparison[] predicted = [.. logits.Where(logit => !double.IsNaN(logit.ReferenceNext))];
        double[] cosines = [.. Defined(cells.Select(cell => cell.Activation.Cosine)).Order()];
        double[] differences = [.. Defined(cells.Select(cell => cell.Activation.RelativeDifference))];
        return new PointDrift
        {
            Point = point,
            Positions = cells.Length,
            Undefined = all.Length - cells.Length,
            CosineMean = Mean(cosines),
            CosineLow = cosines.Length == 0 ? null : SortedArrayStatistics.QuantileCustom(cosines, LowQuantile, QuantileDefinition.R7),
            CosineMin = cosines.Length == 0 ? null : cosines[0],
            RelativeDifferenceMean = Mean(differences),
            RelativeDifferenceMax = differences.Length == 0 ? null : differences.Max(),
            KlMean = Mean(logits.Select(logit => logit.Kl)),
            KlMax = logits.Length == 0 ? null : logits.Max(logit => logit.Kl),
            TopAgreement = Mean(logits.Select(logit => logit.SameTop ? 1.0 : 0)),
            TopOverlap = Mean(logits.Select(logit => logit.TopOverlap)),
            EntropyA = Mean(logits.Select(logit => logit.ReferenceEntropy)),
            EntropyB = Mean(logits.Select(logit => logit.OtherEntropy)),
            EntropyShiftMean = Mean(logits.Select(logit => logit.EntropyShift)),
            EntropyShiftAbsMean = Mean(logits.Select(logit => Math.Abs(logit.EntropyShift))),
            Predicted = predicted.Length,
            PerplexityA = Perplexity(predicted.Select(logit => logit.ReferenceNext)),
            PerplexityB = Perplexity(predicted.Select(logit => logit.OtherNext)),
        };
    }

    private static IEnumerable<double> Defined(IEnumerable<double> values) => values.Where(value => !double.IsNaN(value));

    private static double? Perplexity(IEnumerable<double> logProbs) => Mean(logProbs) is double mean ? Math.Exp(-mean) : null;

    /// <summary>The mean; of n equal numbers exactly that number, which a sum divided by n need not be.</summary>
    private static double? Mean(IEnumerable<double> values)
    {
        (double first, double rest, int count) = (0, 0, 0);
        foreach (double value in values)
        {
            first = count++ == 0 ? value : first;
            rest += value - first;
        }

        return count == 0 ? null : first + (rest / count);
    }
}
