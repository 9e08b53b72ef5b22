using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

internal sealed partial class ExpressionParser
{
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
                var text = new StringBuilder(token.Text);
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
