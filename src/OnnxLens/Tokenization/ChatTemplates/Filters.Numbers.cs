using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

internal sealed partial class Filters
{
    private static object Abs(object value, CallArguments arguments)
    {
        arguments.Bind("abs", 0);
        return value switch
        {
            Undefined undefined => throw undefined.Fault(),
            double real => Math.Abs(real),
            _ when Numbers.ToInteger(value) is { } whole => BigInteger.Abs(whole),
            _ => throw new TemplateFault($"bad operand type for abs(): '{TypeNames.Of(value)}'"),
        };
    }

    private static object ToInt(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("int", 0, "default", "base");
        object otherwise = given[0] ?? BigInteger.Zero;
        int numberBase = given[1] is null ? 10 : CallArguments.Size(given[1]!);
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Comparisons.TextOf(value) is { } text)
        {
            if (numberBase is < 2 or > 36)
                throw new TemplateFault("the base of the filter 'int' must be 2 to 36");
            return Numbers.ParseInteger(text, numberBase) ?? (Numbers.ParseFloat(text) is { } real && double.IsFinite(real) ? Numbers.Truncate(real) : otherwise);
        }

        return value is double number
            ? double.IsFinite(number) ? Numbers.Truncate(number) : otherwise
            : Numbers.ToInteger(value) ?? otherwise;
    }

    private static object ToFloat(object value, CallArguments arguments)
    {
        object otherwise = arguments.Bind("float", 0, "default")[0] ?? 0.0;
        if (value is Undefined undefined)
            throw undefined.Fault();
        return Comparisons.TextOf(value) is { } text ? Numbers.ParseFloat(text) ?? otherwise : Numbers.ToDouble(value) ?? otherwise;
    }

    private static object Round(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("round", 0, "precision", "method");
        int precision = given[0] is null ? 0 : CallArguments.Size(given[0]!);
        string method = given[1] is null ? "common" : CallArguments.Text(given[1]!);
        if (method is not ("common" or "ceil" or "floor"))
            throw new TemplateFault("method must be common, ceil or floor");
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Numbers.ToDouble(value) is not { } number)
            throw new TemplateFault($"type {TypeNames.Of(value)} doesn't define __round__ method");
        if (method == "common")
            return Numbers.ToInteger(value) is { } whole ? RoundWhole(whole, precision) : Math.Abs(precision) > 400 ? precision > 0 ? number : 0.0 : Decimals.Round(number, precision);
        double scale = Math.Pow(10, precision);
        double scaled = method == "ceil" ? Math.Ceiling(number * scale) : Math.Floor(number * scale);
        return scaled / scale;
    }

    private static BigInteger RoundWhole(BigInteger value, int precision)
    {
        if (precision >= 0)
            return value;
        Budget.MakeNumber(-(double)precision * 3.4);
        BigInteger unit = BigInteger.Pow(10, -precision);
        return Decimals.DivideHalfEven(value, unit) * unit;
    }

    private object Sum(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("sum", 0, "attribute", "start");
        Func<object, object> get = Getter(given[0]);
        object sum = given[1] ?? BigInteger.Zero;
        foreach (object item in _python.Sequences.Iterate(value))
            sum = _python.Operators.Binary("+", sum, get(item));
        return sum;
    }
}
