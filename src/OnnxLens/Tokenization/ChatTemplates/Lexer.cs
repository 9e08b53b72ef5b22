using System.Text.RegularExpressions;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>
/// Cuts a template into tokens, with the white space that <c>trim_blocks</c>, <c>lstrip_blocks</c> and the signs
/// <c>-</c> and <c>+</c> take away already gone.
/// </summary>
/// <remarks>Rules and their order: the lexer of Jinja 3.1, as transformers sets it up.</remarks>
internal sealed partial class Lexer
{
    private static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _lineStarting = true;

    private Lexer(string source) => _source = source;

    /// <summary>The tokens of a template, the last of them its end.</summary>
    /// <exception cref="TemplateFault">The template has no such form.</exception>
    public static IReadOnlyList<Token> Tokenize(string template)
    {
        string source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (NextTag() is var tag and >= 0)
        {
            char kind = _source[tag + 1];
            Match raw = kind == '%' ? RawBegin().Match(_source, tag) : Match.Empty;
            AddText(_source[_position..tag], Sign(tag + 2), isVariable: kind == '{');
            if (raw.Success)
                ReadRaw(raw);
            else if (kind == '#')
                ReadComment(tag);
            else
                ReadTag(tag, kind == '%');
        }

        AddData(_source[_position..]);
        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int NextTag()
    {
        for (int at = _position; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }

        return -1;
    }

    private char Sign(int at) => at < _source.Length && _source[at] is '-' or '+' ? _source[at] : '\0';

    // The text before a tag, less what the tag takes away from it.
    private void AddText(string text, char sign, bool isVariable)
    {
        string kept = text;
        if (sign == '-')
        {
            kept = PyText.TrimEnd(text);
        }
        else if (sign != '+' && !isVariable)
        {
            int start = text.LastIndexOf('\n') + 1;
            if ((start > 0 || _lineStarting) && start < text.Length && PyText.IsSpace(text.AsSpan(start)))
                kept = text[..start];
        }

        AddData(kept);
        _line += text.AsSpan(kept.Length).Count('\n');
        _position += text.Length;
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
            _tokens.Add(new Token(TokenKind.Data, text, _line));
        _line += text.AsSpan().Count('\n');
    }

    private void ReadRaw(Match begin)
    {
        int line = _line;
        Advance(begin.Length);
        Match end = RawEnd().Match(_source, _position);
        // As in Jinja: what is opened at the very end needs no closing.
        if (!end.Success && _position == _source.Length)
            return;
        if (!end.Success)
            throw new TemplateFault("'{% raw %}' is not closed by '{% endraw %}'") { Line = line };
        AddText(_source[_position..end.Index], Sign(end.Index + 2), isVariable: false);
        Advance(end.Length);
    }

    private void ReadComment(int tag)
    {
        // The sign that strips the text before it belongs to the beginning: "{#-#}" is whole.
        int body = tag + (Sign(tag + 2) == '\0' ? 2 : 3);
        Match end = CommentEnd().Match(_source, body);
        if (!end.Success && body < _source.Length)
            throw new TemplateFault("a comment is not closed by '#}'") { Line = _line };
        Advance((end.Success ? end.Index + end.Length : body) - tag);
    }

    private void ReadTag(int tag, bool isBlock)
    {
        int start = _line;
        _tokens.Add(new Token(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", _line));
        Advance(Sign(tag + 2) == '\0' ? 2 : 3);
        Regex end = isBlock ? BlockEnd() : VariableEnd();
        var open = new Stack<char>();
        while (_position < _source.Length)
        {
            if (open.Count == 0 && end.Match(_source, _position) is { Success: true } close)
            {
                _tokens.Add(new Token(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _line));
                Advance(close.Length);
                return;
            }

            ReadToken(open);
        }

        throw new TemplateFault($"'{(isBlock ? "{%" : "{{")}' is not closed") { Line = start };
    }

    private void ReadToken(Stack<char> open)
    {
        if (Space().Match(_source, _position) is { Success: true } space)
            Advance(space.Length);
        else if (Float().Match(_source, _position) is { Success: true } real && (_position == 0 || _source[_position - 1] != '.'))
            Add(TokenKind.Float, real.Value.Replace("_", "", StringComparison.Ordinal), real.Length);
        else if (Integer().Match(_source, _position) is { Success: true } integer)
            Add(TokenKind.Integer, integer.Value.Replace("_", "", StringComparison.Ordinal), integer.Length);
        else if (Name().Match(_source, _position) is { Success: true } name)
            Add(TokenKind.Name, name.Value, name.Length);
        else if (QuotedString().Match(_source, _position) is { Success: true } text)
            Add(TokenKind.String, StringLiteral.Unescape(text.Value.AsSpan(1, text.Length - 2), _line), text.Length);
        else
            ReadOperator(open);
    }

    private void ReadOperator(Stack<char> open)
    {
        string symbol = Array.Find(Operators, candidate => string.CompareOrdinal(_source, _position, candidate, 0, candidate.Length) == 0)
            ?? throw new TemplateFault($"the character '{PyText.CharacterAt(_source, _position)}' does not belong here") { Line = _line };
        if (symbol is "(" or "[" or "{")
            open.Push(symbol == "(" ? ')' : symbol == "[" ? ']' : '}');
        else if (symbol is ")" or "]" or "}" && !(open.TryPop(out char expected) && expected == symbol[0]))
            throw new TemplateFault($"'{symbol}' closes nothing that is open") { Line = _line };
        Add(TokenKind.Operator, symbol, symbol.Length);
    }

    private void Add(TokenKind kind, string text, int length)
    {
        _tokens.Add(new Token(kind, text, _line));
        Advance(length);
    }

    private void Advance(int length)
    {
        _line += _source.AsSpan(_position, length).Count('\n');
        _position += length;
        _lineStarting = _source[_position - 1] == '\n';
    }

    [GeneratedRegex(@"\G\{%[-+]?[\s\x1C-\x1F]*raw[\s\x1C-\x1F]*(?:-%\}[\s\x1C-\x1F]*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%[-+]?[\s\x1C-\x1F]*endraw[\s\x1C-\x1F]*(?:\+%\}|-%\}[\s\x1C-\x1F]*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();

    [GeneratedRegex(@"\+#\}|-#\}[\s\x1C-\x1F]*|#\}\n?", RegexOptions.CultureInvariant)]
    private static partial Regex CommentEnd();

    [GeneratedRegex(@"\G(?:\+%\}|-%\}[\s\x1C-\x1F]*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex BlockEnd();

    [GeneratedRegex(@"\G(?:-\}\}[\s\x1C-\x1F]*|\}\})", RegexOptions.CultureInvariant)]
    private static partial Regex VariableEnd();

    [GeneratedRegex(@"\G[\s\x1C-\x1F]+", RegexOptions.CultureInvariant)]
    private static partial Regex Space();

    [GeneratedRegex(@"\G(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?[eE][+-]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"\G(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*)", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G[\p{L}\p{Nl}_][\w]*", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\G(?:'[^'\\]*(?:\\.[^'\\]*)*'|""[^""\\]*(?:\\.[^""\\]*)*"")", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex QuotedString();
}
