using System.Globalization;
using System.Runtime.CompilerServices;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Reads expressions; what binds how tightly is as in Jinja, which is not always as in Python.</summary>
internal sealed partial class ExpressionParser(TokenStream stream)
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
}
