using System.Text;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>Everything that is held to a bound, with whether it is kept.</summary>
internal static class BoundsTable
{
    /// <summary>Writes the count and the table, without a line end behind it.</summary>
    public static string Write(IReadOnlyList<BenchReport> reports)
    {
        (BenchReport Report, Figure Figure)[] bounded =
            [.. reports.SelectMany(report => report.Figures.Where(figure => figure.Bound is not null).Select(figure => (report, figure)))];
        if (bounded.Length == 0)
        {
            return "No figure measured here is held to a bound.";
        }

        int missed = bounded.Count(item => item.Figure.Holds == false);
        var text = new StringBuilder($"{bounded.Length - missed} of {bounded.Length} bounds hold{(missed == 0 ? "" : $"; {missed} missed")}.\n\n");
        text.Append("| | median | bound | |\n|---|---|---|---|\n");
        foreach ((BenchReport report, Figure figure) in bounded)
        {
            string label = PerformancePage.Label(report, reports);
            string name = $"{figure.Scenario}: {FigureText.Name(figure)}{(label.Length == 0 ? "" : $" ({label})")}";
            string verdict = figure.Holds == false ? "**missed**" : "holds";
            text.Append("| ").AppendJoin(" | ", name, FigureText.Median(figure), FigureText.BoundText(figure.Bound), verdict).Append(" |\n");
        }

        return text.ToString().TrimEnd('\n');
    }
}
