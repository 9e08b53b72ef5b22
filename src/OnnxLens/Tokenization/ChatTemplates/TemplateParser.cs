using System.Globalization;
using System.Runtime.CompilerServices;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Reads the statements of a template.</summary>
internal sealed class TemplateParser
{
    private const int DeepestNesting = 100;

    private readonly TokenStream _stream;
    private readonly ExpressionParser _expressions;
    private readonly HashSet<string> _blocks = [];
    private int _depth;
    private int _loops;

    private TemplateParser(TokenStream stream)
    {
        _stream = stream;
        _expressions = new ExpressionParser(stream);
    }

    /// <summary>Parses a template and works out what its names mean.</summary>
    /// <exception cref="TemplateFault">The template has no such form.</exception>
    public static Body Parse(string template)
    {
        var parser = new TemplateParser(new TokenStream(Lexer.Tokenize(template)));
        var body = new Body(parser.Statements(), null, 1);
        ScopeAnalyzer.Analyze(body);
        return body;
    }

    // Up to one of these tags, whose "{%" is then taken; to the end of the template where none is named.
    private List<Statement> Statements(params string[] ends)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > DeepestNesting)
            throw _stream.Fault(string.Create(CultureInfo.InvariantCulture, $"statements nest more than {DeepestNesting} deep"));
        List<Statement> statements = [];
        while (!_stream.Is(TokenKind.End))
        {
            Token token = _stream.Take();
            if (token.Kind == TokenKind.Data)
            {
                statements.Add(new TextStatement(token.Text, token.Line));
            }
            else if (token.Kind == TokenKind.VariableBegin)
            {
                statements.Add(new PrintStatement(_expressions.ParseTuple(), token.Line));
                _stream.Expect(TokenKind.VariableEnd, "'}}'");
            }
            else if (_stream.Is(TokenKind.Name) && ends.Contains(_stream.Current.Text))
            {
                _depth--;
                return statements;
            }
            else
            {
                statements.AddRange(Statement());
                _stream.Expect(TokenKind.BlockEnd, "'%}'");
            }
        }

        _depth--;
        return ends.Length == 0 ? statements : throw _stream.Unexpected("'{% " + ends[^1] + " %}'");
    }

    // The rest of a tag, the statements after it, and the name of the tag that ends them.
    private List<Statement> Block(params string[] ends)
    {
        _stream.TakeOperator(":");
        _stream.Expect(TokenKind.BlockEnd, "'%}'");
        return Statements(ends);
    }

    private Body BodyTo(string end)
    {
        int line = _stream.Current.Line;
        List<Statement> statements = Block(end);
        _stream.Take();
        return new Body(statements, null, line);
    }

    // A body that is a function to Python: break does not leave it.
    private Body FunctionBody(string end)
    {
        int loops = _loops;
        _loops = 0;
        Body body = BodyTo(end);
        _loops = loops;
        return body;
    }

    private List<Statement> Statement()
    {
        Token tag = _stream.Expect(TokenKind.Name, "the name of a tag");
        int line = tag.Line;
        return tag.Text switch
        {
            "set" => [Set(line)],
            "if" => [If(line)],
            "for" => [For(line)],
            "macro" => [new MacroStatement(_stream.ExpectName(), Macro(), line)],
            "call" => [Call(line)],
            "filter" => [new FilterBlock(_expressions.ParseFilters(null, nameFirst: true)!, BodyTo("endfilter"), line)],
            "with" => [With(line)],
            "generation" => [new BodyStatement(false, FunctionBody("endgeneration"), line)],
            "block" => [NamedBlock(line)],
            "print" => Print(line),
            "break" => [Control(Flow.Break, tag)],
            "continue" => [Control(Flow.Continue, tag)],
            "include" or "import" or "from" or "extends" => throw Fault(tag, $"'{{% {tag.Text} %}}' names another template, and a chat template has none beside it"),
            "autoescape" => throw Fault(tag, "'{% autoescape %}' is for HTML, which chat templates do not write"),
            _ => throw Fault(tag, $"there is no tag '{tag.Text}'"),
        };
    }

    private static TemplateFault Fault(Token tag, string message) => new(message) { Line = tag.Line };

    private Statement Set(int line)
    {
        Expression target = _expressions.ParseTarget(NameUse.Store, namespaces: true);
        return _stream.TakeOperator("=")
            ? new SetStatement(target, _expressions.ParseTuple(), line)
            : new SetBlock(target, _expressions.ParseFilters(null), BodyTo("endset"), line);
    }

    private IfStatement If(int line)
    {
        List<(Expression, IReadOnlyList<Statement>)> branches = [];
        string next;
        do
        {
            Expression test = _expressions.ParseTuple(conditional: false);
            branches.Add((test, Block("elif", "else", "endif")));
            next = _stream.Take().Text;
        }
        while (next == "elif");
        List<Statement> otherwise = [];
        if (next == "else")
        {
            otherwise = Block("endif");
            _stream.Take();
        }

        return new IfStatement(branches, otherwise, line);
    }

    private ForStatement For(int line)
    {
        Expression target = _expressions.ParseTarget(NameUse.Parameter, end: "in");
        _stream.ExpectName("in");
        Expression sequence = _expressions.ParseTuple(conditional: false, end: "recursive");
        Body? test = _stream.TakeName("if") ? new Body([], _expressions.Parse(), line) : null;
        bool recursive = _stream.TakeName("recursive");
        _loops++;
        var body = new Body(Block("else", "endfor"), null, line);
        _loops--;
        Body? otherwise = _stream.Take().Text == "else" ? BodyTo("endfor") : null;
        return new ForStatement(target, sequence, test, recursive, body, otherwise, line);
    }

    private CallBlock Call(int line)
    {
        List<NameExpression> parameters = [];
        List<Expression> defaults = [];
        if (_stream.IsOperator("("))
            Parameters(parameters, defaults);
        Token at = _stream.Current;
        if (_expressions.Parse() is not CallExpression call)
            throw Fault(at, "'{% call %}' needs a call, such as '{% call name() %}'");
        return new CallBlock(call, new Signature(parameters, defaults, FunctionBody("endcall"), line), line);
    }

    private Signature Macro()
    {
        List<NameExpression> parameters = [];
        List<Expression> defaults = [];
        int line = _stream.Current.Line;
        Parameters(parameters, defaults);
        return new Signature(parameters, defaults, FunctionBody("endmacro"), line);
    }

    private void Parameters(List<NameExpression> parameters, List<Expression> defaults)
    {
        _stream.ExpectOperator("(");
        while (!_stream.TakeOperator(")"))
        {
            if (parameters.Count > 0)
                _stream.ExpectOperator(",");
            Token name = _stream.Expect(TokenKind.Name, "the name of a parameter");
            parameters.Add(new NameExpression(name.Text, NameUse.Parameter, name.Line));
            if (_stream.TakeOperator("="))
                defaults.Add(_expressions.Parse());
            else if (defaults.Count > 0)
                throw Fault(name, $"the parameter '{name.Text}' has no default, but follows one that has");
        }
    }

    private WithStatement With(int line)
    {
        List<(Expression, Expression)> assignments = [];
        while (!_stream.Is(TokenKind.BlockEnd))
        {
            if (assignments.Count > 0)
                _stream.ExpectOperator(",");
            Expression target = _expressions.ParseTarget(NameUse.Parameter);
            _stream.ExpectOperator("=");
            assignments.Add((target, _expressions.Parse()));
        }

        return new WithStatement(assignments, BodyTo("endwith"), line);
    }

    private BodyStatement NamedBlock(int line)
    {
        string name = _stream.ExpectName();
        if (_stream.IsName("scoped") || _stream.IsName("required"))
            throw _stream.Fault($"a block that is '{_stream.Current.Text}' is for templates that build on others, and a chat template has none beside it");
        if (!_blocks.Add(name))
            throw _stream.Fault($"there are two blocks named '{name}'");
        Body body = FunctionBody("endblock");
        _stream.TakeName(name);
        return new BodyStatement(true, body, line);
    }

    private List<Statement> Print(int line)
    {
        List<Statement> values = [];
        while (!_stream.Is(TokenKind.BlockEnd))
        {
            if (values.Count > 0)
                _stream.ExpectOperator(",");
            values.Add(new PrintStatement(_expressions.Parse(), line));
        }

        return values;
    }

    private LoopControl Control(Flow flow, Token tag) =>
        _loops > 0 ? new LoopControl(flow, tag.Line) : throw Fault(tag, $"'{{% {tag.Text} %}}' stands outside a loop");
}
