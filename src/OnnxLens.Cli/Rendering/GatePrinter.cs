using System.Collections.Immutable;
using OnnxLens.Eval.Gates;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints a gate's outcome: a table, what failed and why, and what is new.</summary>
internal static class GatePrinter
{
    /// <summary>Prints.</summary>
    public static void Print(CliHost host, GateReport report)
    {
        var table = new TextGrid([Header, .. report.Checks.Select(Row)], GridWriter.PlainCellWidth);
        GridWriter.Write(host, table, GridWriter.Shown(host, table));
        host.Out.WriteLine();
        if (report.BundleDifference is string difference)
        {
            Line(host, $"{(report.RequiresBundle ? "FAILED" : "warning")}: {difference}");
        }

        foreach (GateCheck check in report.Checks.Where(check => !check.Passed))
        {
            Line(host, $"FAILED: {check.Expected.Key}: {string.Join("; ", check.Failures.Select(failure => failure.Message))}");
        }

        foreach (SummaryEntry entry in report.New)
        {
            Line(host, $"new, not held: {entry.Key}: slope {GateText.Slope(entry)}");
        }

        Line(host, $"gate {(report.Passed ? "passed" : "failed")}: {report.Headline}");
    }

    private static ImmutableArray<GridCell> Header => ["dataset, vector, point", Number("slope"), Number("baseline"), Number("tolerance"), Number("anti"), Number("allowed"), ""];

    private static ImmutableArray<GridCell> Row(GateCheck check) =>
    [
        $"{VisibleText.Of(check.Expected.Key.Dataset)}, {VisibleText.Of(check.Expected.Key.Vector)}, {check.Expected.Key.Point}",
        Number(check.Actual is { } actual ? GateText.Slope(actual.MeanSlope) : "missing"),
        Number(GateText.Slope(check.Expected.MeanSlope)),
        Number(GateText.Slope(check.Tolerance)),
        Number(check.Actual is { } found ? GateText.Percent(found.AntiSteerable) : "missing"),
        Number(GateText.Percent(check.MaxAntiSteerable)),
        check.Passed ? "ok" : "FAILED",
    ];

    private static GridCell Number(string text) => new(text, AlignRight: true);

    private static void Line(CliHost host, string text) => GridWriter.WriteText(host, VisibleText.ForTerminal(text));
}
