using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OnnxLens.Eval.Drift;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>A file of prompts, one a line.</summary>
/// <param name="Path">The file.</param>
/// <param name="Lines">The prompts, at least one.</param>
/// <param name="Hash">SHA-256 of the file's text.</param>
internal sealed record PromptFile(string Path, ImmutableArray<PromptLine> Lines, string Hash)
{
    private const string Expected = "an object with the prompt in 'text' or 'prompt' or its ids in 'tokens', and if it has a name a text or number in 'id'; or a JSON string, or an array of ids";

    private static readonly string[] TextMembers = ["text", "prompt"];

    /// <summary>True where a prompt is text, so that a tokenizer is needed.</summary>
    public bool HasText => Lines.Any(line => line.Text is not null);

    /// <summary>Reads a file: a JSON value a line where its name ends with <c>.jsonl</c>, else plain text, of which every line that is not blank is a prompt.</summary>
    /// <exception cref="InputException">The file cannot be read, holds no prompt, or a line is none.</exception>
    public static PromptFile Read(string path)
    {
        string text = Prompt.ReadText(path);
        ImmutableArray<PromptLine> lines =
        [
            .. JsonLineReader.Filled(text).Select(line => JsonLineReader.IsNamed(path)
                ? JsonLineReader.Read(path, line.Number, line.Line, Expected, value => OfJson(line.Number, value))
                : new PromptLine(line.Number, line.Line, null)),
        ];
        return lines.IsEmpty
            ? throw new InputException($"'{path}' holds no prompt. Give one a line, as text; or as JSON in a file that ends with .jsonl: {Expected}.")
            : new PromptFile(path, lines, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>The prompts as tokens.</summary>
    /// <param name="tokenizer">Makes tokens of text; needed where <see cref="HasText"/>.</param>
    /// <param name="vocabulary">Ids of the model.</param>
    /// <param name="longest">Tokens that a prompt may have.</param>
    /// <exception cref="SelectionException">A prompt has no token, too many, or an id that the model has not; the message names its line.</exception>
    public ImmutableArray<DriftPrompt> Tokenize(Tokenizer? tokenizer, int vocabulary, int longest) =>
        [.. Lines.Select((line, number) => new DriftPrompt(number, line.Line, Check(line.Line, line.Ids ?? [.. tokenizer!.Encode(line.Text!)], vocabulary, longest)))];

    private ImmutableArray<int> Check(int line, ImmutableArray<int> ids, int vocabulary, int longest)
    {
        if (ids.IsEmpty || ids.Length > longest)
        {
            throw new SelectionException(ids.IsEmpty
                ? $"'{Path}', line {line}: the prompt has no tokens. Take it out, or give another text."
                : $"'{Path}', line {line}: the prompt has {ids.Length} tokens, and the bundles run at most {longest}. Shorten it, or compare bundles that run more.");
        }

        foreach (int id in ids.Where(id => (uint)id >= (uint)vocabulary))
        {
            throw new SelectionException($"'{Path}', line {line}: token id {id} is out of range: the model's vocabulary has ids 0 to {vocabulary - 1}.");
        }

        return ids;
    }

    private static PromptLine? OfJson(int number, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Of(number, value, value, null);
        }

        JsonElement none = default;
        JsonElement[] texts = [.. TextMembers.Where(name => value.TryGetProperty(name, out _)).Select(value.GetProperty)];
        bool hasIds = value.TryGetProperty("tokens", out JsonElement ids);
        return texts.Length + (hasIds ? 1 : 0) == 1 && TryName(value, out string? name) ? Of(number, hasIds ? none : texts[0], hasIds ? ids : none, name) : null;
    }

    private static PromptLine? Of(int number, JsonElement text, JsonElement ids, string? name) =>
        text.ValueKind == JsonValueKind.String
            ? new PromptLine(number, text.GetString(), null, name)
            : ids.ValueKind == JsonValueKind.Array && ids.EnumerateArray().All(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _))
                ? new PromptLine(number, null, [.. ids.EnumerateArray().Select(id => id.GetInt32())], name)
                : null;

    private static bool TryName(JsonElement value, out string? name)
    {
        name = null;
        if (!value.TryGetProperty("id", out JsonElement id) || id.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        name = id.ValueKind switch { JsonValueKind.String => id.GetString(), JsonValueKind.Number => id.GetRawText(), _ => null };
        return !string.IsNullOrEmpty(name);
    }
}
