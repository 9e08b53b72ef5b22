using System.Globalization;
using System.Numerics;
using System.Text.Json;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Reports.Tests;

/// <summary>What pages that hold tables are held to.</summary>
internal static class PageTables
{
    /// <summary>A page's table is the CSV file's: the same columns, texts, and numbers bit for bit.</summary>
    internal static void AssertTable(this PageContent page, string name, string csv)
    {
        var expected = CsvTable.Read(csv);
        JsonElement table = page.Header.GetProperty(name);
        Assert.AreEqual(expected.Rows.Count, table.GetProperty("rows").GetInt32());
        JsonElement[] columns = [.. table.GetProperty("columns").EnumerateArray()];
        Assert.AreSequenceEqual(expected.Columns, columns.Select(column => column.GetProperty("name").GetString()!).ToArray());
        for (int i = 0; i < columns.Length; i++)
        {
            string[] fields = [.. expected.Rows.Select(row => row[i])];
            string array = columns[i].GetProperty("array").GetString()!;
            if (columns[i].GetProperty("texts").ValueKind == JsonValueKind.Array)
                Assert.AreSequenceEqual(fields, Texts(columns[i], page.Array<int>(array)), array);
            else if (TypeOf(page, array) == "f32")
                Assert.AreSequenceEqual(Numbers<float>(fields), page.Array<float>(array), array);
            else
                Assert.AreSequenceEqual(Numbers<double>(fields), page.Array<double>(array), array);
        }
    }

    /// <summary>The texts of a column.</summary>
    internal static string[] Texts(this PageContent page, string table, string column) =>
        Texts(page.Header.GetProperty(table).GetProperty("columns").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == column), page.Array<int>($"{table}.{column}"));

    /// <summary>Without its data, whose alphabet is that of base64, a page is the program as it was built.</summary>
    internal static void AssertProgramAlone(string path, string kind)
    {
        string html = File.ReadAllText(path);
        string text = PageContent.Texts(html).Single();
        Assert.IsTrue(text.All(character => char.IsAsciiLetterOrDigit(character) || "+/=".Contains(character, StringComparison.Ordinal)));
        Assert.AreEqual(PageFile.Program(kind), html.Replace($"<script type=\"{PageFile.RunType}\">{text}</script>\n", "<!--onnxlens:runs-->\n", StringComparison.Ordinal));
    }

    private static string TypeOf(PageContent page, string name) =>
        page.Header.GetProperty("arrays").EnumerateArray().Single(array => array.GetProperty("name").GetString() == name).GetProperty("type").GetString()!;

    private static string[] Texts(JsonElement column, int[] indices) =>
        [.. indices.Select(index => index < 0 ? "" : column.GetProperty("texts")[index].GetString()!)];

    private static T[] Numbers<T>(string[] fields)
        where T : IFloatingPointIeee754<T> => [.. fields.Select(field => field.Length == 0 ? T.NaN : T.Parse(field, CultureInfo.InvariantCulture))];
}
