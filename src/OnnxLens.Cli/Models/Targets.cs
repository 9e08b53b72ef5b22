using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>Reads the tokens whose rank and probability are asked for.</summary>
internal static class Targets
{
    private const string IdPrefix = "id:";

    /// <summary>The ids of targets, each once, in the order given.</summary>
    /// <param name="targets">Texts of one token each, or <c>id:N</c>.</param>
    /// <param name="facts">The model.</param>
    /// <param name="tokenizer">Its tokenizer, or null.</param>
    /// <param name="numbersAreIds">True where the prompt is given as ids: then a plain number is one too.</param>
    /// <exception cref="SelectionException">A text is not one token, or an id is not in the vocabulary.</exception>
    public static ImmutableArray<int> Read(IEnumerable<string> targets, ModelFacts facts, Tokenizer? tokenizer, bool numbersAreIds)
    {
        int[] ids = [.. targets.Select(target => ReadId(target, numbersAreIds) ?? Encode(target, tokenizer)).Distinct()];
        foreach (int id in ids.Where(id => id >= facts.VocabularySize))
        {
            throw new SelectionException($"Target id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        return [.. ids];
    }

    private static int? ReadId(string target, bool numbersAreIds)
    {
        bool prefixed = target.StartsWith(IdPrefix, StringComparison.Ordinal);
        return (prefixed || numbersAreIds)
            && int.TryParse(prefixed ? target[IdPrefix.Length..] : target, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : null;
    }

    private static int Encode(string target, Tokenizer? tokenizer)
    {
        if (tokenizer is null)
        {
            throw new SelectionException($"This model has no tokenizer files, so '{target}' cannot be a target. Give an id, e.g. --target id:123.");
        }

        int[] ids = tokenizer.Encode(target, new TokenizeOptions { AddSpecial = false });
        if (ids.Length == 1)
        {
            return ids[0];
        }

        var texts = new TokenTexts(tokenizer);
        string pieces = string.Join(", ", ids.Select(id => $"'{texts.Visible(id)}' ({IdPrefix}{id})"));
        throw new SelectionException(ids.Length == 0
            ? $"The target '{target}' has no tokens. Give a text of one token, or an id, e.g. --target id:123."
            : $"The target '{target}' is {ids.Length} tokens: {pieces}. Give a text of one token (a leading space counts), or one of the ids.");
    }
}
