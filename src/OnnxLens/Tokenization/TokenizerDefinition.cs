namespace OnnxLens.Tokenization;

/// <summary>What a tokenizer is, whichever files it was read from.</summary>
internal sealed record TokenizerDefinition
{
    /// <summary>The model's tokens, without added ones that the model does not have.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>The merges over the vocabulary.</summary>
    public required MergeTable Merges { get; init; }

    /// <summary>The tokens looked for in the text.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>What happens to the text of each segment first.</summary>
    public TextNormalizer Normalizer { get; init; } = TextNormalizer.None;

    /// <summary>How a segment is cut into the pieces that are merged apart.</summary>
    public PreTokenizer PreTokenizer { get; init; } = PreTokenizer.None;

    /// <summary>Tokens spell bytes (<see cref="ByteAlphabet"/>); otherwise code points with U+2581 for a space.</summary>
    public required bool ByteLevel { get; init; }

    /// <summary>A piece that is a token as a whole is not merged.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>A character without a token becomes its bytes, <c>&lt;0xHH&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>The token of characters that have none.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Unknown characters side by side become one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Decoded text loses one leading space: the one the normalizer put there.</summary>
    public bool StripLeadingSpace { get; init; }

    /// <summary>Ids put before a text.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Ids put after a text.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>The id that begins a sequence, where it is known.</summary>
    public int? BosId { get; init; }

    /// <summary>The id that ends a sequence, where it is known.</summary>
    public int? EosId { get; init; }
}
