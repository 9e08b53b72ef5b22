using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What stands after <c>is</c>.</summary>
internal sealed class Tests(PyRuntime python)
{
    private static readonly HashSet<string> WithOperand =
    [
        "divisibleby", "sameas", "in", "==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan", ">=", "ge", "<", "lt", "lessthan", "<=", "le",
    ];

    private static readonly HashSet<string> WithoutOperand =
    [
        "odd", "even", "defined", "undefined", "none", "boolean", "false", "true", "integer", "float", "lower", "upper", "string", "mapping",
        "number", "sequence", "iterable", "callable", "escaped", "filter", "test",
    ];

    /// <summary>Whether there is a test of this name.</summary>
    public static bool Has(string name) => WithOperand.Contains(name) || WithoutOperand.Contains(name);

    /// <summary>Runs a test.</summary>
    public bool Run(string name, object value, CallArguments arguments)
    {
        python.Budget.Step();
        if (WithOperand.Contains(name))
            return Run(name, value, arguments.Bind(name, 1, "other")[0]!);
        if (!WithoutOperand.Contains(name))
            throw new TemplateFault($"there is no test named '{name}'");
        arguments.Bind(name, 0);
        return name switch
        {
            "odd" => Remainder(value, 2) is { } rest && python.Comparisons.Equals(rest, BigInteger.One),
            "even" => python.Comparisons.Equals(Remainder(value, 2), BigInteger.Zero),
            "defined" => value is not Undefined,
            "undefined" => value is Undefined,
            "none" => value is None,
            "boolean" => value is bool,
            "false" => value is false,
            "true" => value is true,
            "integer" => value is BigInteger,
            "float" => value is double,
            "number" => value is BigInteger or double or bool,
            "string" => value is string or Markup,
            "mapping" => value is PyDict,
            "sequence" => value is string or Markup or PyList or PyTuple or PyDict or PyRange or Undefined,
            "iterable" => Sequences.IsIterable(value) || value is LoopState,
            "callable" => value is Callable or Macro or LoopState,
            "escaped" => value is Markup,
            "lower" => IsCased(value, upper: false),
            "upper" => IsCased(value, upper: true),
            "filter" => Comparisons.TextOf(value) is { } filter && Filters.Has(filter),
            _ => Comparisons.TextOf(value) is { } test && Has(test),
        };
    }

    private bool Run(string name, object value, object other) => name switch
    {
        "divisibleby" => python.Comparisons.Equals(python.Operators.Binary("%", value, other), BigInteger.Zero),
        "sameas" => IsSame(value, other),
        "in" => python.Sequences.Contains(other, value),
        "==" or "eq" or "equalto" => python.Operators.Compare("==", value, other),
        "!=" or "ne" => python.Operators.Compare("!=", value, other),
        ">" or "gt" or "greaterthan" => python.Operators.Compare(">", value, other),
        ">=" or "ge" => python.Operators.Compare(">=", value, other),
        "<" or "lt" or "lessthan" => python.Operators.Compare("<", value, other),
        _ => python.Operators.Compare("<=", value, other),
    };

    private bool IsCased(object value, bool upper)
    {
        string text = python.Str(value);
        python.Budget.Spend(text.Length);
        return TextMethods.IsCased(text, upper);
    }

    private object Remainder(object value, int divisor) => python.Operators.Binary("%", value, (BigInteger)divisor);

    // Python keeps small numbers and short texts once, so that equal ones are the same there too.
    private bool IsSame(object value, object other) => ReferenceEquals(value, other)
        || (value.GetType() == other.GetType() && value is bool or BigInteger or string && python.Comparisons.Equals(value, other));
}
