using System.Globalization;
using System.Text;

namespace OnnxLens.Eval.Gates;

/// <summary>A report as Markdown with a table, e.g. for the summary of a GitHub job.</summary>
public static class GateMarkdown
{
    /// <summary>Writes the report, UTF-8 without a byte order mark. Borrows the stream.</summary>
    public static void Write(Stream stream, GateReport report)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(report);
        stream.Write(Encoding.UTF8.GetBytes(Text(report)));
    }

    private static string Text(GateReport report)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');

        Line($"## Steering gate {(report.Passed ? "passed" : "failed")}: {report.Headline}");
        Line();
        Line($"| | dataset | vector | hook point | slope | baseline | tolerance | anti-steerable | allowed |{(report.HoldsPerplexity ? " perplexity | at most |" : "")}");
        Line($"|---|---|---|---|---:|---:|---:|---:|---:|{(report.HoldsPerplexity ? "---:|---:|" : "")}");
        foreach (GateCheck check in report.Checks)
        {
            Line(Row(check, report.HoldsPerplexity));
        }

        GateCheck[] failed = [.. report.Checks.Where(check => !check.Passed)];
        if (failed.Length > 0 || report.BundleDifference is not null)
        {
            Line();
        }

        if (report.BundleDifference is string difference)
        {
            Line($"- {(report.RequiresBundle ? "**failed**" : "warning")}: {Escape(difference)}");
        }

        foreach (GateCheck check in failed)
        {
            Line($"- **failed**: {Escape(check.Expected.Key.ToString())}: {Escape(string.Join("; ", check.Failures.Select(failure => failure.Message)))}");
        }

        if (!report.New.IsEmpty)
        {
            Line();
            Line("New in the result and not held:");
            Line();
            foreach (SummaryEntry entry in report.New)
            {
                Line($"- {Escape(entry.Key.ToString())}: slope {Escape(GateText.Slope(entry))}, {GateText.Percent(entry.AntiSteerable)} anti-steerable, {entry.Samples.ToString(CultureInfo.InvariantCulture)} samples");
            }
        }

        return text.ToString();
    }

    private static string Row(GateCheck check, bool holdsPerplexity)
    {
        GateKey key = check.Expected.Key;
        string[] cells =
        [
            check.Passed ? "ok" : "**failed**", Escape(key.Dataset), Escape(key.Vector), Escape(key.Point.ToString()),
            check.Actual is { } actual ? Escape(GateText.Slope(actual)) : "missing",
            GateText.Slope(check.Expected.MeanSlope), GateText.Slope(check.Tolerance),
            check.Actual is { } found ? GateText.Percent(found.AntiSteerable) : "missing", GateText.Percent(check.MaxAntiSteerable),
            .. holdsPerplexity ? Perplexity(check) : [],
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string[] Perplexity(GateCheck check) =>
        [check.Actual?.PerplexityRatio is double ratio ? GateText.Ratio(ratio) : "missing", check.MaxPerplexityRatio is double most ? GateText.Ratio(most) : ""];

    /// <summary>The text with every character that Markdown or HTML could act on taken literally, on one line.</summary>
    private static string Escape(string text)
    {
        var safe = new StringBuilder();
        foreach (char letter in text)
        {
            safe.Append(letter switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '#' or '~' or '!' or '$' or '@' => $"\\{letter}",
                _ when char.IsControl(letter) => " ",
                _ => letter.ToString(),
            });
        }

        return safe.ToString();
    }
}
