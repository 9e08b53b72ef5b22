using System.Globalization;
using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Numbers as <c>%</c> and <c>str.format</c> write them.</summary>
internal static class NumberFormat
{
    /// <summary>The digits of a number, without its sign.</summary>
    /// <param name="value">A number.</param>
    /// <param name="type">d, x, X, o, b, e, E, f, F, g, G or %.</param>
    /// <param name="precision">Digits after the point, or figures; null is Python's 6.</param>
    /// <param name="alternate">True: with <c>0x</c> and its like; zeros at the end stay.</param>
    public static string Digits(object value, char type, int? precision, bool alternate)
    {
        if (type is 'd' or 'x' or 'X' or 'o' or 'b')
            return Whole(BigInteger.Abs(Numbers.ToInteger(value)!.Value), type, alternate);
        double number = Math.Abs(Numbers.ToDouble(value)!.Value);
        if (!double.IsFinite(number))
            return Cased(double.IsNaN(number) ? "nan" : "inf", type) + (type == '%' ? "%" : "");
        int digits = precision ?? 6;
        string text = type switch
        {
            'e' or 'E' => Decimals.Exponential(number, digits),
            'f' or 'F' => Decimals.Fixed(number, digits),
            '%' => Decimals.Fixed(number * 100, digits) + "%",
            _ => Decimals.General(number, digits, alternate),
        };
        return Cased(text, type);
    }

    /// <summary>Whether a number is written with a minus.</summary>
    public static bool IsNegative(object value) => value is double real ? double.IsNegative(real) && !double.IsNaN(real) : Numbers.ToInteger(value)!.Value.Sign < 0;

    /// <summary>Commas or underscores between groups of the digits before the point.</summary>
    public static string Grouped(string digits, char separator, int size)
    {
        int end = digits.AsSpan().IndexOfAny('.', 'e', '%') is var at and >= 0 ? at : digits.Length;
        string grouped = digits[..end];
        for (int i = end - size; i > 0; i -= size)
            grouped = grouped.Insert(i, separator.ToString());
        return grouped + digits[end..];
    }

    private static string Cased(string text, char type) => char.IsAsciiLetterUpper(type) ? text.ToUpperInvariant() : text;

    private static string Whole(BigInteger value, char type, bool alternate)
    {
        string digits = type switch
        {
            'd' => value.ToString(CultureInfo.InvariantCulture),
            'x' or 'X' => InBase(value, 4),
            'o' => InBase(value, 3),
            _ => InBase(value, 1),
        };
        return Cased((alternate && type != 'd' ? "0" + char.ToLowerInvariant(type) : "") + digits, type);
    }

    private static string InBase(BigInteger value, int bits)
    {
        var digits = new System.Text.StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(value & ((1 << bits) - 1))]);
            value >>= bits;
        }
        while (!value.IsZero);
        return digits.ToString();
    }
}
