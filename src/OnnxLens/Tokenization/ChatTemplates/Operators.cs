using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's operators.</summary>
internal sealed class Operators(PyRuntime python)
{
    /// <summary>Arithmetic on two values.</summary>
    /// <exception cref="TemplateFault">It is not defined for them.</exception>
    public object Binary(string symbol, object left, object right)
    {
        if (symbol == "%" && Comparisons.TextOf(left) is not null)
            return Like(left, new PercentFormat(python, isHtml: left is Markup).Format(Comparisons.TextOf(left)!, right));
        if ((left as Undefined ?? right as Undefined) is { } missing)
            throw missing.Fault();
        if (Numbers.ToInteger(left) is { } a && Numbers.ToInteger(right) is { } b)
            return Whole(symbol, a, b);
        if (Numbers.ToDouble(left) is { } x && Numbers.ToDouble(right) is { } y)
            return Real(symbol, x, y);
        return symbol switch
        {
            "+" => Add(left, right),
            "*" when Numbers.ToInteger(right) is { } count => Repeat(left, count) ?? throw Unsupported(symbol, left, right),
            "*" when Numbers.ToInteger(left) is { } count => Repeat(right, count) ?? throw Unsupported(symbol, left, right),
            _ => throw Unsupported(symbol, left, right),
        };
    }

    /// <summary><c>-value</c> or <c>+value</c>.</summary>
    public static object Unary(string symbol, object value) => value switch
    {
        Undefined undefined => throw undefined.Fault(),
        double real => symbol == "-" ? -real : real,
        _ when Numbers.ToInteger(value) is { } whole => symbol == "-" ? -whole : whole,
        _ => throw new TemplateFault($"bad operand type for unary {symbol}: '{TypeNames.Of(value)}'"),
    };

    /// <summary>A comparison.</summary>
    public bool Compare(string symbol, object left, object right) => symbol switch
    {
        "==" => python.Comparisons.Equals(left, right),
        "!=" => !python.Comparisons.Equals(left, right),
        "in" => python.Sequences.Contains(right, left),
        "not in" => !python.Sequences.Contains(right, left),
        "<" => python.Comparisons.Order(left, right, symbol) < 0,
        "<=" => python.Comparisons.Order(left, right, symbol) <= 0,
        ">" => python.Comparisons.Order(left, right, symbol) > 0,
        _ => python.Comparisons.Order(left, right, symbol) >= 0,
    };

    /// <summary>A text made from another: marked as HTML where that is.</summary>
    public static object Like(object model, string text) => model is Markup ? new Markup(text) : text;

    private object Add(object left, object right)
    {
        if (Comparisons.TextOf(left) is { } a && Comparisons.TextOf(right) is { } b)
        {
            python.Budget.MakeText((long)a.Length + b.Length);
            return left is Markup || right is Markup ? new Markup(Html(left, a) + Html(right, b)) : a + b;
        }

        if (left is PyList x && right is PyList y)
            return new PyList(Joined(x.Items, y.Items));
        if (left is PyTuple p && right is PyTuple q)
            return new PyTuple(Joined(p.Items, q.Items));
        throw left is string or PyList or PyTuple
            ? new TemplateFault($"can only concatenate {TypeNames.Of(left)} (not \"{TypeNames.Of(right)}\") to {TypeNames.Of(left)}")
            : Unsupported("+", left, right);
    }

    private static string Html(object value, string text) => value is Markup ? text : Markup.Escape(text);

    private object[] Joined(IReadOnlyList<object> left, IReadOnlyList<object> right)
    {
        python.Budget.MakeList((long)left.Count + right.Count);
        return [.. left, .. right];
    }

    private object? Repeat(object value, BigInteger count)
    {
        int times = (int)BigInteger.Clamp(count, 0, int.MaxValue);
        if (Comparisons.TextOf(value) is { } text)
        {
            python.Budget.MakeText((long)text.Length * times);
            return Like(value, new System.Text.StringBuilder().Insert(0, text, text.Length == 0 ? 0 : times).ToString());
        }

        return value switch
        {
            PyList list => new PyList(Repeated(list.Items, times)),
            PyTuple tuple => new PyTuple(Repeated(tuple.Items, times)),
            _ => null,
        };
    }

    private List<object> Repeated(IReadOnlyList<object> items, int times)
    {
        python.Budget.MakeList((long)items.Count * times);
        return items.Count == 0 ? [] : [.. Enumerable.Repeat(items, times).SelectMany(copy => copy)];
    }

    private static object Whole(string symbol, BigInteger a, BigInteger b)
    {
        switch (symbol)
        {
            case "+":
                return Bounded(a + b);
            case "-":
                return Bounded(a - b);
            case "*":
                return Bounded(a * b);
            case "**" when b.Sign >= 0:
                Budget.MakeNumber(BigInteger.Abs(a) <= 1 ? 1 : (double)a.GetBitLength() * (double)b);
                return BigInteger.Pow(a, BigInteger.Abs(a) <= 1 ? (int)(b.IsZero ? 0 : b.IsEven ? 2 : 1) : (int)b);
            case "**":
                return a.IsZero ? throw new TemplateFault("0.0 cannot be raised to a negative power") : Math.Pow((double)a, (double)b);
        }

        if (b.IsZero)
            throw new TemplateFault(symbol == "/" ? "division by zero" : "integer division or modulo by zero");
        if (symbol == "/")
            return (double)a / (double)b is var ratio && double.IsFinite(ratio) ? ratio : throw new TemplateFault("integer division result too large for a float");
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        bool round = !rest.IsZero && rest.Sign != b.Sign;
        return symbol == "//" ? quotient - (round ? 1 : 0) : rest + (round ? b : 0);
    }

    private static BigInteger Bounded(BigInteger number)
    {
        Budget.MakeNumber(number.GetBitLength());
        return number;
    }

    private static double Real(string symbol, double x, double y)
    {
        if (y == 0 && (symbol is "/" or "//" or "%"))
            throw new TemplateFault(symbol == "/" ? "float division by zero" : symbol == "//" ? "float floor division by zero" : "float modulo");
        return symbol switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Math.Floor((x - Modulo(x, y)) / y),
            "%" => Modulo(x, y),
            _ => Power(x, y),
        };
    }

    private static double Modulo(double x, double y)
    {
        double rest = x % y;
        return rest == 0 ? Math.CopySign(0, y) : rest < 0 == y < 0 ? rest : rest + y;
    }

    private static double Power(double x, double y)
    {
        if (x == 0 && y < 0)
            throw new TemplateFault("0.0 cannot be raised to a negative power");
        double power = Math.Pow(x, y);
        if (double.IsNaN(power) && !double.IsNaN(x) && !double.IsNaN(y))
            throw new TemplateFault("the power is a complex number, which templates do not have here");
        return double.IsInfinity(power) && double.IsFinite(x) && double.IsFinite(y) ? throw new TemplateFault("Numerical result out of range") : power;
    }

    private static TemplateFault Unsupported(string symbol, object left, object right) =>
        new($"unsupported operand type(s) for {(symbol == "**" ? "** or pow()" : symbol)}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
}
