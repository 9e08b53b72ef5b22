using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
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
    /// <param name="longest">Tokens that the model runs at most; longer documents are cut to that.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is no such object.</exception>
    public static OrdinaryText Read(string path, Tokenizer tokenizer, int mostTokens, int longest)
    {
        string text = Prompt.ReadText(path);
        var documents = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        int tokens = 0;
        foreach (string document in JsonLineReader.IsNamed(path) ? Lines(path, text) : Paragraphs(text))
        {
            if (mostTokens - tokens < 2)
            {
                break;
            }

            int[] ids = tokenizer.Encode(document);
            if (ids.Length > 1)
            {
                documents.Add([.. ids.AsSpan(0, Math.Min(Math.Min(ids.Length, longest), mostTokens - tokens))]);
                tokens += documents[^1].Length;
            }
        }

        return documents.Count > 0
            ? new OrdinaryText(documents.ToImmutable(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))))
            : throw new InputException($"'{path}' has no document of two tokens or more. Give ordinary text.");
    }

    private static IEnumerable<string> Lines(string path, string text) =>
        JsonLineReader.Filled(text).Select(line => JsonLineReader.Read(path, line.Number, line.Line, "an object with the text in 'text'", value => JsonLineReader.TextOf(value, "text")));

    private static IEnumerable<string> Paragraphs(string text) =>
        text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(paragraph => !string.IsNullOrWhiteSpace(paragraph));
}
