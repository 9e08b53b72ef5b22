using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>Reads tokens that options name: those whose rank and probability are asked for, and those that are steered.</summary>
internal static class Targets
{
    private const string IdPrefix = "id:";

    /// <summary>The ids of targets, each once, in the order given.</summary>
    /// <param name="targets">Texts of one token each, or <c>id:N</c>.</param>
    /// <param name="facts">The model.</param>
    /// <param name="tokenizer">Its tokenizer, or null.</param>
    /// <param name="numbersAreIds">True where the prompt is given as ids: then a plain number is one too.</param>
    /// <param name="option">The option that names them, for messages.</param>
    /// <exception cref="SelectionException">A text is not one token, or an id is not in the vocabulary.</exception>
    public static ImmutableArray<int> Read(IEnumerable<string> targets, ModelFacts facts, Tokenizer? tokenizer, bool numbersAreIds, string option = "--target")
    {
        int[] ids = [.. targets.Select(target => ReadId(target, numbersAreIds, option) ?? Encode(target, tokenizer, option)).Distinct()];
        foreach (int id in ids.Where(id => id >= facts.VocabularySize))
        {
            throw new SelectionException($"{(option == "--target" ? "Target" : "Token")} id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        return [.. ids];
    }

    /// <summary>The lowest id whose token is exactly this text.</summary>
    private static int? TokenOf(string text, Tokenizer tokenizer)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int id = Enumerable.Range(0, tokenizer.VocabularySize).FirstOrDefault(id => tokenizer.Bytes(id).AsSpan().SequenceEqual(bytes), -1);
        return id >= 0 && bytes.Length > 0 ? id : null;
    }

    private static int? ReadId(string target, bool numbersAreIds, string option)
    {
        bool prefixed = target.StartsWith(IdPrefix, StringComparison.Ordinal);
        if (!prefixed && !numbersAreIds)
        {
            return null;
        }

        string number = prefixed ? target[IdPrefix.Length..] : target;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : prefixed ? throw new SelectionException($"'{number}' in '{option} {target}' is no token id. Write a whole number, e.g. {option} id:123.") : null;
    }

    private static int Encode(string target, Tokenizer? tokenizer, string option)
    {
        if (tokenizer is null)
        {
            throw new SelectionException($"This model has no tokenizer files, so '{target}' cannot be a token of {option}. Give an id, e.g. {option} id:123.");
        }

        int[] ids = tokenizer.Encode(target, new TokenizeOptions { AddSpecial = false });
        if (ids.Length == 1)
        {
            return ids[0];
        }

        // Some tokenizers put a space before every text, so that a token with or without one cannot be written otherwise.
        if (TokenOf(target, tokenizer) is int exact)
        {
            return exact;
        }

        var texts = new TokenTexts(tokenizer);
        string pieces = string.Join(", ", ids.Select(id => $"'{texts.Visible(id)}' ({IdPrefix}{id})"));
        throw new SelectionException(ids.Length == 0
            ? $"The text '{target}' of {option} has no tokens. Give a text of one token, or an id, e.g. {option} id:123."
            : $"The text '{target}' of {option} is {ids.Length} tokens: {pieces}. Give a text of one token (a leading space counts), or one of the ids.");
    }
}
