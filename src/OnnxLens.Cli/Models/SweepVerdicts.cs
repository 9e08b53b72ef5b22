using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Cli.Models;

/// <summary>What is to be made of a sweep, in one line for each vector and dataset.</summary>
internal static class SweepVerdicts
{
    /// <summary>The lines. Of several hook points the steepest of those that work is named, or the steepest where none does.</summary>
    public static IReadOnlyList<string> Of(SweepReport report) =>
    [
        .. report.Summaries.GroupBy(summary => (summary.Dataset, summary.Vector)).Select(group =>
        {
            (CurveSummary summary, Verdict verdict) = group
                .Select(summary => (Summary: summary, Verdict: Verdict.Of(summary)))
                .OrderByDescending(judged => judged.Verdict.Kind == VerdictKind.Works)
                .ThenByDescending(judged => Math.Abs(judged.Summary.MeanSlope))
                .First();
            string at = group.Count() == 1
                ? summary.Point.ToString()
                : $"{(verdict.Kind == VerdictKind.Works ? "best" : "steepest")} of {group.Count()} at {summary.Point}";
            string chosen = group.Count() > 1 && verdict.Kind == VerdictKind.Works ? "; chosen on these samples, so measure it there on others" : "";
            return $"{summary.Vector} on {summary.Dataset}, {at}: {verdict.Text}{chosen}";
        }),
    ];
}
