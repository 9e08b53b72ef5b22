namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a string, what stands between the quotes after unescaping.</param>
/// <param name="Line">The line it begins in, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    /// <summary>For messages.</summary>
    public string Described => Kind switch
    {
        TokenKind.Data => "text",
        TokenKind.VariableBegin => "'{{'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.String => "a string",
        TokenKind.End => "the end of the template",
        _ => $"'{Text}'",
    };
}
