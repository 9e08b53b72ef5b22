using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>What is to be made of one vector on one dataset, whatever the number of hook points at which it was added.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">The steepest hook point of those that work, or the steepest where none does.</param>
/// <param name="Kind">The verdict there.</param>
/// <param name="Text">One line: vector, dataset, hook point, and the verdict's own text.</param>
public sealed record SweepVerdict(string Dataset, string Vector, HookPoint Point, VerdictKind Kind, string Text)
{
    /// <summary>One for each dataset and vector, in the order in which the summaries name them.</summary>
    /// <param name="report">The sweep.</param>
    /// <param name="form">How numbers stand in the texts.</param>
    public static ImmutableArray<SweepVerdict> Of(SweepReport report, NumberForm form = NumberForm.Ascii)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Summaries.GroupBy(summary => (summary.Dataset, summary.Vector)).Select(group => Of([.. group], report.Costs, form))];
    }

    private static SweepVerdict Of(ImmutableArray<CurveSummary> summaries, IReadOnlyList<SweepCost> costs, NumberForm form)
    {
        (CurveSummary summary, Verdict verdict) = summaries
            .Select(summary => (Summary: summary, Verdict: Verdict.Of(summary, costs, form)))
            .OrderByDescending(judged => judged.Verdict.Kind == VerdictKind.Works)
            .ThenByDescending(judged => Math.Abs(judged.Summary.MeanSlope))
            .First();
        bool works = verdict.Kind == VerdictKind.Works;
        string at = summaries.Length == 1 ? summary.Point.ToString() : $"{(works ? "best" : "steepest")} of {summaries.Length} at {summary.Point}";
        string chosen = summaries.Length > 1 && works ? "; chosen on these samples, so measure it there on others" : "";
        return new SweepVerdict(summary.Dataset, summary.Vector, summary.Point, verdict.Kind, $"{summary.Vector} on {summary.Dataset}, {at}: {verdict.Text}{chosen}");
    }
}
