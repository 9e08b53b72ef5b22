using System.Text.Json;
using OnnxLens.Cli.Models;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Rendering;

/// <summary>What a dataset holds, as one JSON object. Lengths are tokens.</summary>
internal static class DatasetJson
{
    private const int Schema = 1;

    /// <summary>Writes the object.</summary>
    public static void Write(TextWriter output, DatasetInfo info) => JsonLines.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WriteString("file", info.Path);
        json.WriteString("kind", info.Kind);
        json.WriteNumber("rows_in_file", info.RowsInFile);
        json.WriteStartObject("splits");
        foreach ((string split, int rows) in info.Splits)
        {
            json.WriteNumber(split, rows);
        }

        json.WriteEndObject();
        json.WriteString("split", info.Split);
        json.WriteNumber("rows", info.Rows);
        json.WriteString("hash", info.Hash);
        WriteLetters(json, info.Balance);
        json.WriteNumber("duplicates", info.Duplicates);
        WriteTexts(json, "notes", info.Notes);
        WriteSkipped(json, "malformed", info.Malformed);
        json.WritePropertyName("tokens");
        if (info.Tokens is DatasetTokens tokens)
        {
            WriteTokens(json, tokens);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }, indented: true);

    private static void WriteLetters(Utf8JsonWriter json, LetterBalance balance)
    {
        json.WriteStartArray("letters");
        foreach (LetterCount count in balance.Counts)
        {
            json.WriteStartObject();
            json.WriteString("split", count.Split);
            json.WriteString("letter", count.Letter);
            json.WriteNumber("pairs", count.Pairs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTexts(json, "warnings", balance.Warnings);
    }

    private static void WriteTokens(Utf8JsonWriter json, DatasetTokens tokens)
    {
        json.WriteStartObject();
        json.WriteString("tokenizer_hash", tokens.Tokenizer.Hash);
        json.WriteString("prompt_form", tokens.PromptForm);
        json.WriteNumber("used", tokens.Used);
        json.WriteString("used_hash", tokens.Hash);
        WriteSkipped(json, "skipped", tokens.Skipped);
        json.WriteStartObject("prompt_length");
        json.WriteNumber("min", tokens.Lengths[0]);
        json.WriteNumber("median", tokens.MedianLength);
        json.WriteNumber("max", tokens.Lengths[^1]);
        json.WriteEndObject();
        var texts = new TokenTexts(tokens.Tokenizer);
        json.WriteStartArray("labels");
        foreach (LabelTokens label in tokens.Labels)
        {
            json.WriteStartObject();
            json.WriteString("letter", label.Letter);
            json.WriteNumber("pairs", label.Pairs);
            json.WritePropertyName("matching");
            WriteToken(json, label.Matching, texts);
            json.WritePropertyName("other");
            WriteToken(json, label.Other, texts);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteExample(json, tokens.Example, texts);
        json.WriteEndObject();
    }

    private static void WriteExample(Utf8JsonWriter json, TokenExample example, TokenTexts texts)
    {
        json.WriteStartObject("example");
        json.WriteString("sample", example.Sample);
        foreach ((string name, IReadOnlyList<int> ids) in example.Parts)
        {
            json.WriteStartArray(name.Replace(' ', '_'));
            foreach (int id in ids)
            {
                WriteToken(json, id, texts);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter json, int id, TokenTexts texts)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("text", texts.Raw(id));
        json.WriteEndObject();
    }

    private static void WriteSkipped(Utf8JsonWriter json, string name, IEnumerable<SkippedPair> rows)
    {
        json.WriteStartArray(name);
        foreach (SkippedPair row in rows)
        {
            json.WriteStartObject();
            json.WriteString("sample", row.Sample);
            json.WriteNumber("line", row.Line);
            json.WriteString("reason", row.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
