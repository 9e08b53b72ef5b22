using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>All figures of a run, with what they were measured on and how.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Command">The command.</param>
/// <param name="Figures">The figures.</param>
internal sealed record BenchReport(string Machine, string Command, ImmutableArray<Figure> Figures)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>For other programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Indented) + "\n";

    /// <summary>For a page of documentation.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("Machine: ").Append(Machine).Append(".\n\n```\n").Append(Command).Append("\n```\n\n");
        text.Append("| scenario | figure | median | range | bound | |\n|---|---|---|---|---|---|\n");
        foreach (Figure figure in Figures)
        {
            string[] cells =
            [
                figure.Scenario, figure.Name, FigureText.Median(figure), FigureText.Range(figure), FigureText.BoundText(figure), FigureText.Verdict(figure),
            ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }
}
