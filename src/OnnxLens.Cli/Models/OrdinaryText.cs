using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>Ordinary text on which the cost of a vector is measured.</summary>
/// <param name="Documents">Ids of each document.</param>
/// <param name="Hash">SHA-256 of the file.</param>
internal sealed record OrdinaryText(ImmutableArray<ImmutableArray<int>> Documents, string Hash)
{
    /// <summary>Reads a file: lines of JSON objects with a member <c>text</c>, or plain text whose documents are parted by empty lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="mostTokens">Documents are taken until they have so many tokens together; the last is cut to that.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is no such object.</exception>
    public static OrdinaryText Read(string path, Tokenizer tokenizer, int mostTokens)
    {
        string text = Prompt.ReadText(path);
        var documents = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        int tokens = 0;
        foreach (string document in path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? Lines(path, text) : Paragraphs(text))
        {
            if (mostTokens - tokens < 2)
            {
                break;
            }

            int[] ids = tokenizer.Encode(document);
            if (ids.Length > 1)
            {
                documents.Add([.. ids.AsSpan(0, Math.Min(ids.Length, mostTokens - tokens))]);
                tokens += documents[^1].Length;
            }
        }

        return documents.Count > 0
            ? new OrdinaryText(documents.ToImmutable(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))))
            : throw new InputException($"'{path}' has no document of two tokens or more. Give ordinary text.");
    }

    private static IEnumerable<string> Lines(string path, string text)
    {
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Text(path, number, line);
            }
        }
    }

    private static string Text(string path, int number, string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("text", out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new InputException($"'{path}', line {number}: expected an object with the text in 'text'.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second is what half a character escaped in a text gives.
            throw new InputException($"'{path}', line {number}: this is no JSON: {failure.Message}", failure);
        }
    }

    private static IEnumerable<string> Paragraphs(string text) =>
        text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(paragraph => !string.IsNullOrWhiteSpace(paragraph));
}
