using OnnxLens.Eval.Gates;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints a gate's outcome: a table, what failed and why, and what is new.</summary>
internal static class GatePrinter
{
    /// <summary>Prints.</summary>
    public static void Print(CliHost host, GateReport report)
    {
        Table(report).Print(host);
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

    private static ColumnTable Table(GateReport report)
    {
        GateCheck[] checks = [.. report.Checks];
        var table = new ColumnTable("dataset, vector, point", [.. checks.Select(check => $"{VisibleText.Of(check.Expected.Key.Dataset)}, {VisibleText.Of(check.Expected.Key.Vector)}, {check.Expected.Key.Point}")]);
        table.AddNumbers("slope", 0, checks.Select(check => check.Actual is { } actual ? GateText.Slope(actual.MeanSlope) : "missing"));
        table.AddNumbers("baseline", 1, checks.Select(check => GateText.Slope(check.Expected.MeanSlope)));
        table.AddNumbers("tolerance", 3, checks.Select(check => GateText.Slope(check.Tolerance)));
        table.AddNumbers("anti", 2, checks.Select(check => check.Actual is { } found ? GateText.Percent(found.AntiSteerable) : "missing"));
        table.AddNumbers("allowed", 3, checks.Select(check => GateText.Percent(check.MaxAntiSteerable)));
        if (report.HoldsPerplexity)
        {
            table.AddNumbers("perplexity", 4, checks.Select(check => check.Actual?.PerplexityRatio is double ratio ? GateText.Ratio(ratio) : "missing"));
            table.AddNumbers("at most", 4, checks.Select(check => check.MaxPerplexityRatio is double most ? GateText.Ratio(most) : ""));
        }

        table.AddNames("", checks.Select(check => check.Passed ? "ok" : "FAILED"));
        return table;
    }

    private static void Line(CliHost host, string text) => GridWriter.WriteText(host, VisibleText.ForTerminal(text));
}
