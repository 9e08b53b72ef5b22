using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace OnnxLens.Reports.Tests;

/// <summary>A CSV file as a reader sees it.</summary>
internal sealed record CsvTable(string[] Columns, IReadOnlyList<string[]> Rows)
{
    internal static CsvTable Read(string path)
    {
        using var reader = new CsvReader(new StreamReader(path), new CsvConfiguration(CultureInfo.InvariantCulture));
        Assert.IsTrue(reader.Read());
        Assert.IsTrue(reader.ReadHeader());
        string[] columns = reader.HeaderRecord!;
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add([.. columns.Select((_, i) => reader.GetField(i)!)]);
        return new CsvTable(columns, rows);
    }

    internal string At(int row, string column) => Rows[row][Array.IndexOf(Columns, column)];
}
