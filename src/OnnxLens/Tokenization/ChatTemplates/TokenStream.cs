namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Tokens, read one after the other.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private int _position;

    /// <summary>The token that is next.</summary>
    public Token Current => tokens[_position];

    /// <summary>The one after it.</summary>
    public Token Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
            _position++;
        return token;
    }

    public bool Is(TokenKind kind) => Current.Kind == kind;

    public bool IsOperator(string symbol) => Current.Kind == TokenKind.Operator && Current.Text == symbol;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    public bool TakeOperator(string symbol) => IsOperator(symbol) && Took();

    public bool TakeName(string name) => IsName(name) && Took();

    public Token Expect(TokenKind kind, string expected) => Is(kind) ? Take() : throw Unexpected(expected);

    public void ExpectOperator(string symbol)
    {
        if (!TakeOperator(symbol))
            throw Unexpected($"'{symbol}'");
    }

    public void ExpectName(string name)
    {
        if (!TakeName(name))
            throw Unexpected($"'{name}'");
    }

    public string ExpectName() => Expect(TokenKind.Name, "a name").Text;

    public TemplateFault Unexpected(string expected) => Fault($"{Current.Described} stands where {expected} was expected");

    public TemplateFault Fault(string message) => new(message) { Line = Current.Line };

    private bool Took()
    {
        _position++;
        return true;
    }
}
