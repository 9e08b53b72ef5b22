namespace OnnxLens.Tokenization;

/// <summary>Finds the ids of tokens that files name by their text.</summary>
internal static class SpecialIds
{
    /// <summary>The id of a token's text, added or in the vocabulary; null where there is none.</summary>
    public static int? Find(string? text, TokenizerDefinition definition)
    {
        if (text is null)
            return null;
        if (definition.AddedTokens.FirstOrDefault(token => token.Content == text) is { } added)
            return added.Id;
        int id = definition.Vocabulary.IdOf(text);
        return id >= 0 ? id : null;
    }
}
