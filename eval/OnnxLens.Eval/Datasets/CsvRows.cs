using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace OnnxLens.Eval.Datasets;

/// <summary>The rows of CSV and TSV files: RFC 4180 quoting, the first line names the columns. <c>\r\n</c> within a value counts as <c>\n</c>.</summary>
internal static class CsvRows
{
    /// <summary>The rows; empty lines are none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="delimiter">What stands between values.</param>
    /// <exception cref="EvalException">The line of column names is malformed.</exception>
    public static List<RawRow> Of(DatasetText file, string delimiter)
    {
        bool misquoted = false;
        var form = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            IgnoreBlankLines = false,
            BadDataFound = _ => misquoted = true,
        };
        using var parser = new CsvParser(new StringReader(file.Text), form);
        List<RawRow> rows = [];
        string[]? columns = null;
        for (int line = 1; parser.Read(); line = parser.RawRow + 1, misquoted = false)
        {
            string[] values = parser.Record ?? [];
            if (!misquoted && values.Length < 2 && values.All(string.IsNullOrWhiteSpace))
                continue;
            if (columns is null)
                columns = Columns(file, values, misquoted);
            else
                rows.Add(misquoted ? RawRow.Malformed(line, Misquoted(line, parser.RawRow)) : Row(line, columns, values));
        }

        return rows;
    }

    private static string[] Columns(DatasetText file, string[] values, bool misquoted)
    {
        string[] columns = [.. values.Select(value => value.Trim())];
        string? twice = columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return misquoted
            ? throw file.Wrong("has a misplaced or unclosed quote in its line of column names. Put a value with quotes in quotes, and double those inside.")
            : twice is not null
            ? throw file.Wrong($"has two columns named '{twice}'. Give each column a name of its own in the first line.")
            : columns;
    }

    private static RawRow Row(int line, string[] columns, string[] values)
    {
        if (values.Length != columns.Length)
            return RawRow.Malformed(line, $"has {values.Length} value(s), where the {columns.Length} columns of the first line were expected");
        var fields = new Dictionary<string, RawField>(StringComparer.Ordinal);
        for (int i = 0; i < columns.Length; i++)
            fields.Add(columns[i], new RawField(JsonValueKind.String, values[i].Replace("\r\n", "\n", StringComparison.Ordinal)));
        return new RawRow(line, fields);
    }

    private static string Misquoted(int first, int last) =>
        $"has a misplaced or unclosed quote{(last > first ? $", so that lines {first} to {last} read as one row" : "")}; put a value with quotes in quotes, and double those inside";
}
