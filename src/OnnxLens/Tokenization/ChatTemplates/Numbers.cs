using System.Globalization;
using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's numbers: whole ones of any size, floats, and truth values, which count as 0 and 1.</summary>
internal static class Numbers
{
    /// <summary>The order of two numbers of which one is not a number.</summary>
    public const int Unordered = int.MinValue;

    /// <summary>A whole number from a template's text: decimal, or with 0x, 0o or 0b.</summary>
    public static BigInteger ParseLiteral(string text)
    {
        int numberBase = text.Length < 2 ? 10 : char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
        return ParseDigits(numberBase == 10 ? text : text[2..], numberBase) ?? throw new TemplateFault($"'{text}' is no whole number");
    }

    /// <summary>The value of digits of a base; null where one is none.</summary>
    public static BigInteger? ParseDigits(ReadOnlySpan<char> digits, int numberBase)
    {
        Budget.MakeNumber(digits.Length * Math.Log2(numberBase));
        BigInteger value = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : numberBase;
            if (digit >= numberBase)
                return null;
            value = (value * numberBase) + digit;
        }

        return digits.Length > 0 ? value : null;
    }

    /// <summary><c>int(text, base)</c>; null where Python raises.</summary>
    public static BigInteger? ParseInteger(string text, int numberBase)
    {
        ReadOnlySpan<char> rest = PyText.Trim(text);
        bool negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest.Length > 2 && rest[0] == '0' && char.ToLowerInvariant(rest[1]) is var mark && mark == (numberBase switch { 16 => 'x', 8 => 'o', 2 => 'b', _ => '\0' }))
            rest = rest[2] == '_' ? rest[3..] : rest[2..];
        return Underscored(rest) is { } digits && ParseDigits(digits, numberBase) is { } value ? negative ? -value : value : null;
    }

    /// <summary><c>float(text)</c>; null where Python raises.</summary>
    public static double? ParseFloat(string text)
    {
        string trimmed = PyText.Trim(text);
        string bare = trimmed.TrimStart('+', '-').ToLowerInvariant();
        if (trimmed.Length - bare.Length > 1)
            return null;
        double sign = trimmed.StartsWith('-') ? -1 : 1;
        if (bare is "inf" or "infinity")
            return sign * double.PositiveInfinity;
        if (bare == "nan")
            return double.NaN;
        const NumberStyles Form = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return Underscored(bare) is { } digits && double.TryParse(digits, Form, CultureInfo.InvariantCulture, out double value) ? sign * value : null;
    }

    /// <summary>The number as a float; null of what is no number.</summary>
    public static double? ToDouble(object? value) => value switch
    {
        double real => real,
        BigInteger whole => (double)whole,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>The number as a whole one; null of a float and of what is no number.</summary>
    public static BigInteger? ToInteger(object? value) => value switch
    {
        BigInteger whole => whole,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>A float without its fraction.</summary>
    /// <exception cref="TemplateFault">It is infinite or not a number.</exception>
    public static BigInteger Truncate(double value) =>
        double.IsFinite(value) ? new BigInteger(value) : throw new TemplateFault($"cannot convert float {(double.IsNaN(value) ? "NaN" : "infinity")} to integer");

    /// <summary>The order of two values, where both are numbers.</summary>
    public static bool TryCompare(object? left, object? right, out int order)
    {
        if (ToInteger(left) is { } a && ToInteger(right) is { } b)
        {
            order = a.CompareTo(b);
            return true;
        }

        order = Unordered;
        if (ToDouble(left) is not { } x || ToDouble(right) is not { } y)
            return false;
        if (double.IsNaN(x) || double.IsNaN(y))
            return true;
        order = left is double && right is double ? x.CompareTo(y) : left is double ? -CompareToReal(ToInteger(right)!.Value, x) : CompareToReal(ToInteger(left)!.Value, y);
        return true;
    }

    /// <summary>A hash that is the same for numbers that are equal.</summary>
    public static int Hash(object value) => ToInteger(value) is { } whole ? whole.GetHashCode()
        : value is double real && double.IsFinite(real) && double.IsInteger(real) ? new BigInteger(real).GetHashCode()
        : value.GetHashCode();

    private static int CompareToReal(BigInteger whole, double real)
    {
        if (double.IsInfinity(real))
            return real > 0 ? -1 : 1;
        int order = whole.CompareTo(new BigInteger(Math.Floor(real)));
        return order == 0 && !double.IsInteger(real) ? -1 : order;
    }

    // Underscores stand between digits only.
    private static string? Underscored(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && (i == 0 || i == text.Length - 1 || !char.IsAsciiLetterOrDigit(text[i - 1]) || !char.IsAsciiLetterOrDigit(text[i + 1])))
                return null;
        }

        return text.ToString().Replace("_", "", StringComparison.Ordinal);
    }
}
