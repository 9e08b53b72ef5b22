using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Reports.Tests;

/// <summary>A page as its program reads it: the header of its one run, and the arrays by name.</summary>
internal sealed record PageContent(JsonElement Header, IReadOnlyDictionary<string, Array> Arrays)
{
    internal static PageContent Read(string path)
    {
        string html = File.ReadAllText(path);
        MatchCollection runs = Regex.Matches(html, $"<script type=\"{Regex.Escape(PageFile.RunType)}\">([A-Za-z0-9+/=]*)</script>\n");
        Assert.HasCount(1, runs);
        byte[] bytes = Unpack(runs[0].Groups[1].Value);
        int length = BitConverter.ToInt32(bytes);
        JsonElement header = JsonDocument.Parse(bytes.AsMemory(sizeof(int), length)).RootElement;
        var arrays = new Dictionary<string, Array>();
        int offset = Aligned(sizeof(int) + length);
        foreach (JsonElement array in header.GetProperty("arrays").EnumerateArray())
        {
            int count = array.GetProperty("length").GetInt32();
            Array values = array.GetProperty("type").GetString() switch
            {
                "f32" => MemoryMarshal.Cast<byte, float>(bytes.AsSpan(offset))[..count].ToArray(),
                "f64" => MemoryMarshal.Cast<byte, double>(bytes.AsSpan(offset))[..count].ToArray(),
                _ => MemoryMarshal.Cast<byte, int>(bytes.AsSpan(offset))[..count].ToArray(),
            };
            arrays.Add(array.GetProperty("name").GetString()!, values);
            offset = Aligned(offset + Buffer.ByteLength(values));
        }

        Assert.HasCount(offset, bytes);
        return new PageContent(header, arrays);
    }

    /// <summary>A page's table is the CSV file's: the same columns, texts, and numbers bit for bit.</summary>
    internal void AssertTable(string name, string csv)
    {
        var expected = CsvTable.Read(csv);
        JsonElement table = Header.GetProperty(name);
        Assert.AreEqual(expected.Rows.Count, table.GetProperty("rows").GetInt32());
        JsonElement[] columns = [.. table.GetProperty("columns").EnumerateArray()];
        Assert.AreSequenceEqual(expected.Columns, columns.Select(column => column.GetProperty("name").GetString()!).ToArray());
        for (int i = 0; i < columns.Length; i++)
        {
            Array values = Arrays[columns[i].GetProperty("array").GetString()!];
            Assert.HasCount(expected.Rows.Count, values);
            for (int row = 0; row < expected.Rows.Count; row++)
                AssertValue(columns[i].GetProperty("texts"), values.GetValue(row)!, expected.Rows[row][i], $"{name}.{expected.Columns[i]}, row {row}");
        }
    }

    private static void AssertValue(JsonElement texts, object actual, string expected, string where)
    {
        switch (actual)
        {
            case int index:
                Assert.AreEqual(expected, index < 0 ? "" : texts[index].GetString(), where);
                break;
            case float value:
                Assert.AreEqual(JsonValueKind.Null, texts.ValueKind);
                Assert.AreEqual(expected.Length == 0 ? float.NaN : float.Parse(expected, CultureInfo.InvariantCulture), value, where);
                break;
            case double value:
                Assert.AreEqual(JsonValueKind.Null, texts.ValueKind);
                Assert.AreEqual(expected.Length == 0 ? double.NaN : double.Parse(expected, CultureInfo.InvariantCulture), value, where);
                break;
        }
    }

    private static byte[] Unpack(string text)
    {
        using var unpacked = new MemoryStream();
        using (var packed = new GZipStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress))
            packed.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static int Aligned(int offset) => (offset + 7) & ~7;
}
