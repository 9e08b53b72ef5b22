using System.Globalization;
using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Floats as decimals, rounded from their exact value, halves to even: where .NET rounds halves up.</summary>
internal static class Decimals
{
    /// <summary>The most digits that a format may ask for.</summary>
    private const int MostDigits = 1000;

    /// <summary><c>round(value, digits)</c>.</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value))
            return value;
        BigInteger scaled = Scaled(Math.Abs(value), digits);
        double rounded = double.Parse(string.Create(CultureInfo.InvariantCulture, $"{scaled}E{-digits}"), CultureInfo.InvariantCulture);
        return Math.CopySign(rounded, value);
    }

    /// <summary>The quotient, halves to even.</summary>
    public static BigInteger DivideHalfEven(BigInteger value, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(value), divisor, out BigInteger rest);
        int half = (rest * 2).CompareTo(divisor);
        if (half > 0 || (half == 0 && !quotient.IsEven))
            quotient++;
        return value.Sign < 0 ? -quotient : quotient;
    }

    /// <summary>Without exponent: <c>%.nf</c>. No sign.</summary>
    public static string Fixed(double value, int digits)
    {
        string scaled = Scaled(Math.Abs(value), Checked(digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return digits == 0 ? scaled : $"{scaled[..^digits]}.{scaled[^digits..]}";
    }

    /// <summary>With exponent: <c>%.ne</c>. No sign.</summary>
    public static string Exponential(double value, int digits)
    {
        (string figures, int exponent) = Figures(Math.Abs(value), Checked(digits) + 1);
        string fraction = digits == 0 ? "" : "." + figures[1..];
        return string.Create(CultureInfo.InvariantCulture, $"{figures[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary>With as many figures, with or without exponent: <c>%.ng</c>. No sign.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Figures, at least one.</param>
    /// <param name="keepZeros">True: zeros at the end stay, as under <c>#</c>.</param>
    public static string General(double value, int digits, bool keepZeros)
    {
        int figures = Math.Max(1, Checked(digits));
        int exponent = Figures(Math.Abs(value), figures).Exponent;
        bool small = exponent >= -4 && exponent < figures;
        string text = small ? Fixed(value, figures - 1 - exponent) : Exponential(value, figures - 1);
        if (keepZeros)
            return text;
        int end = text.IndexOf('e', StringComparison.Ordinal) is var at and >= 0 ? at : text.Length;
        string mantissa = text[..end];
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + text[end..];
    }

    private static int Checked(int digits) =>
        digits <= MostDigits ? digits : throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"a format asks for {digits} digits; {MostDigits} is the most"));

    // value * 10^digits, as a whole number.
    private static BigInteger Scaled(double value, int digits)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int power = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = power == 0 ? bits & 0xFFFFFFFFFFFFF : (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000;
        int exponent = Math.Max(1, power) - 1075;
        BigInteger denominator = BigInteger.One;
        if (exponent >= 0)
            numerator <<= exponent;
        else
            denominator <<= -exponent;
        if (digits >= 0)
            numerator *= BigInteger.Pow(10, digits);
        else
            denominator *= BigInteger.Pow(10, -digits);
        return DivideHalfEven(numerator, denominator);
    }

    private static (string Figures, int Exponent) Figures(double value, int count)
    {
        if (value == 0)
            return (new string('0', count), 0);
        string form = value.ToString("E16", CultureInfo.InvariantCulture);
        int exponent = int.Parse(form.AsSpan(form.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string figures = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        if (figures.Length < count)
            return Figures(value, count, exponent - 1);
        return figures.Length > count ? (figures[..count], exponent + 1) : (figures, exponent);
    }

    private static (string Figures, int Exponent) Figures(double value, int count, int exponent) =>
        (Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture), exponent);
}
