using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What stands after the colon in a field of <c>str.format</c>.</summary>
internal sealed partial class FormatSpec(PyRuntime python, string spec)
{
    /// <summary>A value in this form.</summary>
    public string Write(object value)
    {
        if (spec.Length == 0)
            return python.Str(value);
        Match form = Form().Match(spec);
        bool isText = Comparisons.TextOf(value) is not null;
        bool isNumber = Numbers.ToDouble(value) is not null;
        if (!isText && !isNumber)
            throw new TemplateFault($"unsupported format string passed to {TypeNames.Of(value)}.__format__");
        if (!form.Success)
            throw new TemplateFault($"Invalid format specifier '{spec}'");
        char type = form.Groups["type"].Value is { Length: 1 } given ? given[0] : '\0';
        return isText ? WriteText(Comparisons.TextOf(value)!, form, type) : WriteNumber(value, form, type);
    }

    private string WriteText(string text, Match form, char type)
    {
        if (type is not ('\0' or 's') || form.Groups["sign"].Length + form.Groups["group"].Length + form.Groups["alternate"].Length > 0 || form.Groups["align"].Value == "=")
            throw new TemplateFault($"Invalid format specifier '{spec}' for a text");
        if (Size(form, "precision") is { } precision && precision < PyText.Length(text))
            text = text[..PyText.UnitOf(text, precision)];
        return Aligned("", text, form, form.Groups["align"].Value is { Length: 1 } align ? align[0] : '<');
    }

    private string WriteNumber(object value, Match form, char type)
    {
        bool whole = value is not double;
        if (type is not ('\0' or 'd' or 'x' or 'X' or 'o' or 'b' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' or 'n') || (!whole && type is 'd' or 'x' or 'X' or 'o' or 'b'))
            throw new TemplateFault($"Unknown format code '{type}' for object of type '{TypeNames.Of(value)}'");
        int? precision = Size(form, "precision");
        bool alternate = form.Groups["alternate"].Length > 0;
        string digits = type == '\0' && !whole
            ? Bare((double)value, precision)
            : NumberFormat.Digits(value, type is '\0' or 'n' ? whole ? 'd' : 'g' : type, precision, alternate);
        if (form.Groups["group"].Value is { Length: 1 } group)
            digits = NumberFormat.Grouped(digits, group[0], type is 'x' or 'X' or 'o' or 'b' ? 4 : 3);
        string sign = NumberFormat.IsNegative(value) ? "-" : form.Groups["sign"].Value is "+" or " " ? form.Groups["sign"].Value : "";
        bool zero = form.Groups["zero"].Length > 0;
        return Aligned(sign, digits, form, form.Groups["align"].Value is { Length: 1 } align ? align[0] : zero ? '=' : '>');
    }

    // A float without a type: as it prints, or with so many figures.
    private static string Bare(double value, int? precision)
    {
        if (precision is null || !double.IsFinite(value))
            return Repr.Float(Math.Abs(value));
        string text = Decimals.General(value, precision.Value, keepZeros: false);
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    private string Aligned(string sign, string text, Match form, char align)
    {
        string fill = form.Groups["fill"].Value is { Length: > 0 } given ? given : form.Groups["zero"].Length > 0 ? "0" : " ";
        BigInteger width = Size(form, "width") ?? 0;
        return align switch
        {
            '=' => sign + TextMethods.Pad(python, text, width - sign.Length, fill, left: true, right: false),
            '<' => TextMethods.Pad(python, sign + text, width, fill, left: false, right: true),
            '>' => TextMethods.Pad(python, sign + text, width, fill, left: true, right: false),
            _ => Centred(sign + text, (int)width, fill),
        };
    }

    private string Centred(string text, int width, string fill)
    {
        int missing = Math.Max(0, width - PyText.Length(text));
        string left = TextMethods.Pad(python, text, (BigInteger)(PyText.Length(text) + (missing / 2)), fill, left: true, right: false);
        return TextMethods.Pad(python, left, (BigInteger)width, fill, left: false, right: true);
    }

    private static int? Size(Match form, string group)
    {
        string digits = form.Groups[group].Value;
        if (digits.Length == 0)
            return null;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : throw new TemplateFault("Too many decimal digits in format string");
    }

    [GeneratedRegex(@"^(?:(?<fill>[\s\S]|[\uD800-\uDBFF][\uDC00-\uDFFF])?(?<align>[<>=^]))?(?<sign>[-+ ])?z?(?<alternate>#)?(?<zero>0)?(?<width>[0-9]+)?(?<group>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[a-zA-Z%])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
