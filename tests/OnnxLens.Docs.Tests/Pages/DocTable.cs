using System.Text.RegularExpressions;

namespace OnnxLens.Docs.Tests.Pages;

/// <summary>A table of a page.</summary>
/// <param name="Heading">The nearest heading above it, backticks taken off.</param>
/// <param name="Kind">The first cell of its head: what a row is.</param>
/// <param name="Rows">The names in backticks in the first cell of each row, and the second cell.</param>
internal sealed partial record DocTable(string Heading, string Kind, IReadOnlyList<(string[] Names, string Second)> Rows)
{
    /// <summary>Every name, in order.</summary>
    public string[] Names => [.. Rows.SelectMany(row => row.Names)];

    /// <summary>The tables of a page.</summary>
    public static IReadOnlyList<DocTable> In(DocPage page)
    {
        List<DocTable> tables = [];
        string heading = "";
        string[] lines = page.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('#'))
            {
                heading = lines[i].TrimStart('#').Replace("`", "", StringComparison.Ordinal).Trim();
            }
            else if (lines[i].StartsWith('|'))
            {
                string[] rows = [.. lines[i..].TakeWhile(line => line.StartsWith('|'))];
                tables.Add(new DocTable(heading, Cells(rows[0])[0], [.. rows[2..].Select(Cells).Select(cells => (NamesIn(cells[0]), cells[1]))]));
                i += rows.Length;
            }
        }

        return tables;
    }

    private static string[] Cells(string row) => [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];

    private static string[] NamesIn(string cell) => [.. Name().Matches(cell).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
