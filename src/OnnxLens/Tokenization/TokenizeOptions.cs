namespace OnnxLens.Tokenization;

/// <summary>
/// How a text is encoded. <c>default(TokenizeOptions)</c> is the usual way: the tokenizer's own
/// special tokens are added, and added tokens written in the text become their ids.
/// </summary>
public readonly record struct TokenizeOptions
{
    // Stored inverted, so that default(TokenizeOptions) means true for both.
    private readonly bool _addNothing;
    private readonly bool _specialIsText;

    /// <summary>The post-processor adds its tokens, such as BOS. Default true; false for rendered chats, which write BOS themselves.</summary>
    public bool AddSpecial
    {
        get => !_addNothing;
        init => _addNothing = !value;
    }

    /// <summary>
    /// Added tokens that stand in the text (<c>&lt;|eot_id|&gt;</c>) become their ids. Default true.
    /// False for text of strangers: it is encoded as plain text and cannot smuggle a control token in.
    /// </summary>
    public bool ParseSpecial
    {
        get => !_specialIsText;
        init => _specialIsText = !value;
    }

    /// <summary>
    /// With <see cref="ParseSpecial"/> false: added tokens that are not marked special (Qwen3's
    /// <c>&lt;think&gt;</c>) are parsed all the same, as transformers does under
    /// <c>split_special_tokens</c>. Default false: everything is text.
    /// </summary>
    public bool ParseNonSpecial { get; init; }
}
