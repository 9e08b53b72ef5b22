using System.Text;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>The figures of one scenario as a table: one row for each thing measured, and where there are several cases one column for each.</summary>
internal static class FigureTable
{
    /// <summary>Writes the table, without a line end behind it.</summary>
    public static string Write(IReadOnlyList<Figure> figures)
    {
        string[] cases = [.. figures.Select(figure => figure.Case).Where(name => name.Length > 0).Distinct()];
        IEnumerable<IGrouping<string, Figure>> rows = figures.GroupBy(figure => figure.Name);
        return cases.Length == 0 ? OfOne(figures) : string.Join("\n\n", Parts(rows, cases));
    }

    /// <summary>A table by cases, and one of what belongs to no case.</summary>
    private static IEnumerable<string> Parts(IEnumerable<IGrouping<string, Figure>> rows, string[] cases)
    {
        ILookup<bool, IGrouping<string, Figure>> parts = rows.ToLookup(row => row.First().Case.Length > 0);
        yield return ByCase(parts[true], cases);
        if (parts[false].Any())
        {
            yield return OfOne([.. parts[false].SelectMany(row => row)]);
        }
    }

    private static string OfOne(IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder("| | median | range | bound | |\n|---|---|---|---|---|\n");
        foreach (Figure figure in figures)
        {
            string[] cells =
            [
                figure.Name + FigureText.Extrapolation(figure), FigureText.Median(figure), FigureText.Range(figure), FigureText.BoundText(figure.Bound), FigureText.Verdict(figure),
            ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string ByCase(IEnumerable<IGrouping<string, Figure>> rows, string[] cases)
    {
        var text = new StringBuilder("| | ").AppendJoin(" | ", cases).Append(" |\n|---|").AppendJoin(string.Empty, cases.Select(_ => "---|")).Append('\n');
        foreach (IGrouping<string, Figure> row in rows)
        {
            string[] units = [.. row.Select(figure => figure.Unit).Distinct()];
            IEnumerable<string> cells = cases.Select(name => row.FirstOrDefault(figure => figure.Case == name) is { } figure ? Cell(figure, hasUnit: units.Length > 1) : string.Empty);
            string unit = units is [{ Length: > 0 } only] ? ", " + only : string.Empty;
            text.Append("| ").Append(row.Key).Append(unit).Append(" | ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Cell(Figure figure, bool hasUnit)
    {
        string range = FigureText.Range(figure);
        string verdict = figure.Holds is { } holds ? $"; {FigureText.BoundText(figure.Bound)}: {(holds ? "holds" : "**missed**")}" : string.Empty;
        string median = hasUnit ? FigureText.Median(figure) : FigureText.Number(figure.Value.Median);
        return median + (range.Length == 0 ? string.Empty : $" ({range})") + FigureText.Extrapolation(figure) + verdict;
    }
}
