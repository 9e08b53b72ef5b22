using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints the tokens of a text.</summary>
internal static class TokensPrinter
{
    /// <summary>One line for each token: index, id, token, bytes.</summary>
    public static void Print(CliHost host, Tokenizer tokenizer, int[] ids)
    {
        var texts = new TokenTexts(tokenizer);
        string[][] rows =
        [
            ["pos", "id", "token", "bytes"],
            .. ids.Select((id, i) => new[]
            {
                i.ToString(CultureInfo.InvariantCulture),
                id.ToString(CultureInfo.InvariantCulture),
                texts.Visible(id) + (tokenizer.IsSpecial(id) ? " (special)" : ""),
                string.Join(' ', tokenizer.Bytes(id).Select(value => value.ToString("x2", CultureInfo.InvariantCulture))),
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => CellText.Width(row[column])))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = widths.Select((width, column) => CellText.Fit(row[column], width, alignRight: column < 2));
            host.Out.WriteLine($"{string.Join("  ", cells)}  {row[^1]}".TrimEnd());
        }
    }

    /// <summary>One JSON object: <c>ids</c>, and <c>tokens</c> with id, text, bytes as hex, and whether it is special.</summary>
    public static void WriteJson(TextWriter output, Tokenizer tokenizer, int[] ids) => JsonLines.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("ids");
        foreach (int id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (int id in ids)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("text", tokenizer.Display(id));
            json.WriteString("bytes", Convert.ToHexStringLower(tokenizer.Bytes(id)));
            json.WriteBoolean("special", tokenizer.IsSpecial(id));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
