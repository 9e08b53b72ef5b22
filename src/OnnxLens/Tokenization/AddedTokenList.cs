using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>Collects added tokens; no id and no text stands twice or against the vocabulary.</summary>
/// <param name="source">File and field, for messages.</param>
/// <param name="vocabulary">The model's tokens.</param>
internal sealed class AddedTokenList(string source, Vocabulary vocabulary)
{
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>Whether a token of this text was added.</summary>
    public bool Has(string content) => _ids.ContainsKey(content);

    /// <summary>Adds a token.</summary>
    /// <exception cref="TokenizerException">Its id or its text is another token's.</exception>
    public void Add(AddedToken token)
    {
        string? other = _byId.TryGetValue(token.Id, out AddedToken? same) ? same.Content : vocabulary.SpellingOf(token.Id);
        if (other is not null && (same is not null || other != token.Content))
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{source}: the id {token.Id} of \"{token.Content}\" belongs to \"{other}\" too; expected one token for an id. Remove one of them or fetch the file again."));
        }

        int known = _ids.TryGetValue(token.Content, out int added) ? added : vocabulary.IdOf(token.Content);
        if (known >= 0 && known != token.Id)
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{source}: the token \"{token.Content}\" has the id {token.Id} and, elsewhere, {known}; expected one. Remove one of them or fetch the file again."));
        }

        _byId[token.Id] = token;
        _ids[token.Content] = token.Id;
    }

    /// <summary>The tokens, by id.</summary>
    public AddedToken[] ToArray() => [.. _byId.Values.OrderBy(token => token.Id)];
}
