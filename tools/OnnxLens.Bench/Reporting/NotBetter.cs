using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>What speaks against this program's way, from the figures: bounds that are missed, and comparisons that the other side wins.</summary>
internal static class NotBetter
{
    /// <summary>Writes a list, without a line end behind it.</summary>
    public static string Write(IReadOnlyList<BenchReport> reports)
    {
        string[] lines = [.. reports.SelectMany(report => report.Figures.Select(figure => Line(report, figure, reports)).OfType<string>())];
        return lines.Length == 0 ? "Nothing that was measured: every bound holds, and no comparison is lost." : string.Join('\n', lines);
    }

    private static string? Line(BenchReport report, Figure figure, IReadOnlyList<BenchReport> reports)
    {
        string label = PerformancePage.Label(report, reports);
        string name = $"- {figure.Scenario}: {FigureText.Name(figure)}{(label.Length == 0 ? "" : $" ({label})")}: {FigureText.Median(figure)}";
        if (figure.Holds == false)
        {
            return $"{name}. **The bound, {FigureText.BoundText(figure.Bound)}, is missed.**";
        }

        return figure.Better is { } better && !better.Holds(figure.Value)
            ? $"{name}; better would be {FigureText.BoundText(better)}."
            : null;
    }
}
