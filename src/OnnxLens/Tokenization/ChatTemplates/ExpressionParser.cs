using System.Globalization;
using System.Runtime.CompilerServices;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Reads expressions; what binds how tightly is as in Jinja, which is not always as in Python.</summary>
internal sealed class ExpressionParser(TokenStream stream)
{
    private const int DeepestNesting = 100;
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private int _depth;

    /// <summary>An expression.</summary>
    /// <param name="conditional">False: <c>if</c> ends it, as in the head of a loop.</param>
    public Expression Parse(bool conditional = true)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > DeepestNesting)
            throw stream.Fault(string.Create(CultureInfo.InvariantCulture, $"expressions nest more than {DeepestNesting} deep"));
        Expression expression = conditional ? Conditional() : Or();
        _depth--;
        return expression;
    }

    /// <summary>An expression, or a tuple where commas follow.</summary>
    /// <param name="conditional">False: <c>if</c> ends an item.</param>
    /// <param name="end">A name that ends it.</param>
    /// <param name="parentheses">True: it stands in parentheses and may be empty.</param>
    public Expression ParseTuple(bool conditional = true, string? end = null, bool parentheses = false) =>
        Tuple(() => Parse(conditional), end, parentheses);

    /// <summary>The left side of an assignment, a loop or a <c>with</c>.</summary>
    /// <param name="use">What is done with the names in it.</param>
    /// <param name="end">A name that ends it.</param>
    /// <param name="namespaces">True: <c>ns.name</c> may be assigned to.</param>
    public Expression ParseTarget(NameUse use, string? end = null, bool namespaces = false) =>
        ToTarget(Tuple(() => namespaces && stream.Is(TokenKind.Name) && stream.Following is { Kind: TokenKind.Operator, Text: "." } ? NamespaceTarget() : Primary(), end, false), use);

    /// <summary>A chain of filters: after a value, or, with none, of a block whose filter is named first.</summary>
    public Expression? ParseFilters(Expression? value, bool nameFirst = false)
    {
        while (nameFirst || stream.TakeOperator("|"))
        {
            int line = stream.Current.Line;
            string name = DottedName();
            value = new FilterExpression(value, name, stream.IsOperator("(") ? Arguments() : ArgumentList.Of(line), line);
            nameFirst = false;
        }

        return value;
    }

    private Expression Tuple(Func<Expression> parseItem, string? end, bool parentheses)
    {
        int line = stream.Current.Line;
        List<Expression> items = [];
        bool isTuple = false;
        while (!IsTupleEnd(end))
        {
            items.Add(parseItem());
            if (!stream.TakeOperator(","))
                break;
            isTuple = true;
        }

        if (!isTuple && items.Count == 1)
            return items[0];
        return isTuple || parentheses ? new TupleExpression(items, line) : throw stream.Unexpected("an expression");
    }

    private bool IsTupleEnd(string? end) =>
        stream.Is(TokenKind.VariableEnd) || stream.Is(TokenKind.BlockEnd) || stream.IsOperator(")") || (end is not null && stream.IsName(end));

    private NamespaceTarget NamespaceTarget()
    {
        Token name = stream.Take();
        stream.ExpectOperator(".");
        return new NamespaceTarget(name.Text, stream.ExpectName(), name.Line);
    }

    private static Expression ToTarget(Expression expression, NameUse use) => expression switch
    {
        NameExpression name => name with { Use = use },
        TupleExpression tuple => tuple with { Items = [.. tuple.Items.Select(item => ToTarget(item, use))] },
        NamespaceTarget target => target,
        _ => throw new TemplateFault("only names, tuples of names and attributes of a namespace can be assigned to") { Line = expression.Line },
    };

    private Expression Conditional()
    {
        int line = stream.Current.Line;
        Expression expression = Or();
        while (stream.TakeName("if"))
        {
            Expression test = Or();
            Expression? otherwise = stream.TakeName("else") ? Parse() : null;
            expression = new ConditionalExpression(test, expression, otherwise, line);
        }

        return expression;
    }

    private Expression Or() => Binary(And, () => stream.TakeName("or") ? "or" : null);

    private Expression And() => Binary(Not, () => stream.TakeName("and") ? "and" : null);

    private Expression Not()
    {
        int line = stream.Current.Line;
        int count = 0;
        while (stream.TakeName("not"))
            count++;
        Expression expression = Compare();
        for (int i = 0; i < count; i++)
            expression = new UnaryExpression("not", expression, line);
        return expression;
    }

    private Expression Compare()
    {
        int line = stream.Current.Line;
        Expression first = Sum();
        List<(string, Expression)> rest = [];
        while (TakeComparison() is { } comparison)
            rest.Add((comparison, Sum()));
        return rest.Count == 0 ? first : new CompareExpression(first, rest, line);
    }

    private string? TakeComparison()
    {
        if (stream.Is(TokenKind.Operator) && Comparisons.Contains(stream.Current.Text))
            return stream.Take().Text;
        if (stream.TakeName("in"))
            return "in";
        if (!stream.IsName("not") || stream.Following is not { Kind: TokenKind.Name, Text: "in" })
            return null;
        stream.Take();
        stream.Take();
        return "not in";
    }

    private Expression Sum() => Binary(Concat, () => TakeOneOf("+", "-"));

    private Expression Concat()
    {
        int line = stream.Current.Line;
        List<Expression> parts = [Product()];
        while (stream.TakeOperator("~"))
            parts.Add(Product());
        return parts.Count == 1 ? parts[0] : new ConcatExpression(parts, line);
    }

    private Expression Product() => Binary(Power, () => TakeOneOf("*", "/", "//", "%"));

    private Expression Power() => Binary(() => Unary(filters: true), () => TakeOneOf("**"));

    private string? TakeOneOf(params string[] symbols) =>
        stream.Is(TokenKind.Operator) && symbols.Contains(stream.Current.Text) ? stream.Take().Text : null;

    private Expression Binary(Func<Expression> operand, Func<string?> takeOperator)
    {
        int line = stream.Current.Line;
        Expression left = operand();
        while (takeOperator() is { } symbol)
        {
            left = new BinaryExpression(symbol, left, operand(), line);
            line = stream.Current.Line;
        }

        return left;
    }

    private Expression Unary(bool filters)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        int line = stream.Current.Line;
        Expression expression = TakeOneOf("-", "+") is { } sign ? new UnaryExpression(sign, Unary(filters: false), line) : Primary();
        expression = Postfix(expression);
        return filters ? FiltersAndTests(expression) : expression;
    }

    private Expression Primary()
    {
        Token token = stream.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(true, token.Line),
                    "false" or "False" => new Literal(false, token.Line),
                    "none" or "None" => new Literal(None.Value, token.Line),
                    _ => new NameExpression(token.Text, NameUse.Load, token.Line),
                };
            case TokenKind.String:
                var text = new System.Text.StringBuilder(token.Text);
                while (stream.Is(TokenKind.String))
                    text.Append(stream.Take().Text);
                return new Literal(text.ToString(), token.Line);
            case TokenKind.Integer:
                return new Literal(Numbers.ParseLiteral(token.Text), token.Line);
            case TokenKind.Float:
                return new Literal(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                Expression inner = ParseTuple(parentheses: true);
                stream.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new ListExpression(Items("]", () => Parse()), token.Line);
            case TokenKind.Operator when token.Text == "{":
                return new DictExpression(Items("}", Pair), token.Line);
            default:
                throw new TemplateFault($"{token.Described} stands where an expression was expected") { Line = token.Line };
        }
    }

    private (Expression Key, Expression Value) Pair()
    {
        Expression key = Parse();
        stream.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> Items<T>(string close, Func<T> parse)
    {
        List<T> items = [];
        while (!stream.TakeOperator(close))
        {
            if (items.Count > 0)
                stream.ExpectOperator(",");
            if (stream.TakeOperator(close))
                break;
            items.Add(parse());
        }

        return items;
    }

    private Expression Postfix(Expression expression)
    {
        while (true)
        {
            int line = stream.Current.Line;
            if (stream.TakeOperator("."))
                expression = Attribute(expression, line);
            else if (stream.TakeOperator("["))
                expression = new ItemExpression(expression, Index(line), line);
            else if (stream.IsOperator("("))
                expression = new CallExpression(expression, Arguments(), line);
            else
                return expression;
        }
    }

    private Expression Attribute(Expression target, int line)
    {
        Token name = stream.Take();
        return name.Kind switch
        {
            TokenKind.Name => new AttributeExpression(target, name.Text, line),
            TokenKind.Integer => new ItemExpression(target, new Literal(Numbers.ParseLiteral(name.Text), line), line),
            _ => throw new TemplateFault($"{name.Described} stands where the name of an attribute was expected") { Line = name.Line },
        };
    }

    private Expression Index(int line)
    {
        List<Expression> indices = [];
        while (!stream.TakeOperator("]"))
        {
            if (indices.Count > 0)
                stream.ExpectOperator(",");
            indices.Add(Subscript());
        }

        return indices.Count == 1 ? indices[0] : new TupleExpression(indices, line);
    }

    private Expression Subscript()
    {
        int line = stream.Current.Line;
        Expression? start = stream.IsOperator(":") ? null : Parse();
        if (!stream.TakeOperator(":"))
            return start!;
        Expression? stop = IsSliceEnd() ? null : Parse();
        Expression? step = stream.TakeOperator(":") && !IsSliceEnd() ? Parse() : null;
        return new SliceExpression(start, stop, step, line);
    }

    private bool IsSliceEnd() => stream.IsOperator(":") || stream.IsOperator("]") || stream.IsOperator(",");

    private Expression FiltersAndTests(Expression expression)
    {
        while (true)
        {
            if (stream.IsOperator("|"))
                expression = ParseFilters(expression)!;
            else if (stream.IsName("is"))
                expression = Test(expression);
            else if (stream.IsOperator("("))
                expression = new CallExpression(expression, Arguments(), stream.Current.Line);
            else
                return expression;
        }
    }

    private Expression Test(Expression target)
    {
        int line = stream.Take().Line;
        bool negated = stream.TakeName("not");
        string name = DottedName();
        ArgumentList arguments = stream.IsOperator("(") ? Arguments() : HasTestArgument() ? ArgumentList.Of(line, Postfix(Primary())) : ArgumentList.Of(line);
        var test = new TestExpression(target, name, arguments, line);
        return negated ? new UnaryExpression("not", test, line) : test;
    }

    // "x is divisibleby 3": an argument without parentheses.
    private bool HasTestArgument()
    {
        if (stream.IsName("is"))
            throw stream.Fault("tests cannot be chained with 'is'");
        Token next = stream.Current;
        return next.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
            || (next.Kind == TokenKind.Name && next.Text is not ("else" or "or" or "and"))
            || (next.Kind == TokenKind.Operator && next.Text is "[" or "{");
    }

    private string DottedName()
    {
        string name = stream.ExpectName();
        while (stream.TakeOperator("."))
            name += "." + stream.ExpectName();
        return name;
    }

    private ArgumentList Arguments()
    {
        int line = stream.Current.Line;
        stream.ExpectOperator("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? star = null;
        Expression? doubleStar = null;
        bool first = true;
        while (!stream.TakeOperator(")"))
        {
            if (!first)
                stream.ExpectOperator(",");
            if (stream.TakeOperator(")"))
                break;
            first = false;
            Require(doubleStar is null);
            if (stream.TakeOperator("**"))
            {
                doubleStar = Parse();
            }
            else if (stream.TakeOperator("*"))
            {
                Require(star is null);
                star = Parse();
            }
            else if (stream.Is(TokenKind.Name) && stream.Following is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = stream.Take().Text;
                stream.Take();
                named.Add((name, Parse()));
            }
            else
            {
                Require(star is null && named.Count == 0);
                positional.Add(Parse());
            }
        }

        return new ArgumentList(positional, named, star, doubleStar, line);

        void Require(bool holds)
        {
            if (!holds)
                throw stream.Fault("the arguments of this call are in no order that Jinja knows");
        }
    }
}
