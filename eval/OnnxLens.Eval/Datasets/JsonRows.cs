using System.Text;
using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>The rows of JSON files: an array of objects (CAA), or an object in each line (model-written evaluations).</summary>
internal static class JsonRows
{
    /// <summary>Whether a text that begins with a brace has an object in each line, rather than being one object.</summary>
    public static bool IsLines(string text)
    {
        string[] lines = [.. text.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)).Take(2)];
        return lines.Length == 2 && lines.All(line => line.Trim() is ['{', .., '}']);
    }

    /// <summary>The rows of an array.</summary>
    /// <exception cref="EvalException">The file is no JSON, or no array.</exception>
    public static List<RawRow> OfArray(DatasetText file)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(file.Text);
        var reader = new Utf8JsonReader(bytes);
        List<RawRow> rows = [];
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw file.Wrong(reader.TokenType == JsonTokenType.StartObject
                    ? "is one JSON object; expected an array of rows, or an object in each line. Put [ and ] around it, or give it as .jsonl."
                    : "is a single JSON value; expected an array of rows.");
            }

            int line = 1, counted = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)reader.TokenStartIndex;
                line += bytes.AsSpan(counted, start - counted).Count((byte)'\n');
                counted = start;
                rows.Add(RawRow.OfJson(line, JsonElement.ParseValue(ref reader)));
            }

            // Throws where something follows the array.
            reader.Read();
        }
        catch (JsonException broken)
        {
            throw file.Wrong($"is not valid JSON{JsonProblems.Place(broken)}: {JsonProblems.Words(broken)} Expected an array of rows to its closing ]; correct that line or fetch the file again.", broken);
        }

        return rows;
    }

    /// <summary>The rows of lines; empty lines are none.</summary>
    public static List<RawRow> OfLines(DatasetText file)
    {
        List<RawRow> rows = [];
        int number = 0;
        foreach (string line in file.Text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                rows.Add(OfLine(number, line));
        }

        return rows;
    }

    private static RawRow OfLine(int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line.Trim());
            return RawRow.OfJson(number, document.RootElement);
        }
        catch (JsonException broken)
        {
            return RawRow.Malformed(number, $"is not valid JSON: {JsonProblems.Words(broken).TrimEnd('.')}");
        }
    }
}
