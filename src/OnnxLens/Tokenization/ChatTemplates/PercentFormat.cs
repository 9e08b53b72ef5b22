using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's <c>text % values</c>.</summary>
/// <param name="python">Writes the values.</param>
/// <param name="isHtml">True: the text is HTML, so the values are escaped.</param>
internal sealed class PercentFormat(PyRuntime python, bool isHtml)
{
    private IReadOnlyList<object> _values = [];
    private PyDict? _mapping;
    private int _next;

    /// <summary>Puts values into a text.</summary>
    public string Format(string format, object values)
    {
        _mapping = values as PyDict;
        _values = values is PyTuple tuple ? tuple.Items : [values];
        _next = 0;
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
                text.Append(format[i]);
            else
                Field(format, ref i, text);
            Budget.CheckText(text.Length);
        }

        python.Budget.Spend(text.Length + format.Length);
        if (_next < _values.Count && values is not (PyDict or PyList or PyRange or Undefined))
            throw new TemplateFault("not all arguments converted during string formatting");
        return text.ToString();
    }

    private void Field(string format, ref int i, StringBuilder text)
    {
        i++;
        object? keyed = Key(format, ref i);
        string flags = "";
        while (i < format.Length && "-+ #0".Contains(format[i], StringComparison.Ordinal))
            flags += format[i++];
        int? width = Number(format, ref i);
        if (width < 0)
            (width, flags) = (-width, flags + "-");
        int? precision = null;
        if (i < format.Length && format[i] == '.')
        {
            i++;
            precision = Math.Max(0, Number(format, ref i) ?? 0);
        }

        while (i < format.Length && format[i] is 'h' or 'l' or 'L')
            i++;
        if (i >= format.Length)
            throw new TemplateFault("incomplete format");
        char type = format[i];
        string written = type == '%' ? "%" : Converted(type, keyed ?? Next(), flags, width ?? 0, precision);
        python.Budget.MakeText(Math.Max(width ?? 0, written.Length));
        int length = PyText.Length(written);
        int pad = type == '%' ? 0 : Math.Max(0, (width ?? 0) - length);
        text.Append(flags.Contains('-', StringComparison.Ordinal) ? written + new string(' ', pad) : new string(' ', pad) + written);
    }

    private object? Key(string format, ref int i)
    {
        if (i >= format.Length || format[i] != '(')
            return null;
        int depth = 1;
        int start = ++i;
        for (; i < format.Length && depth > 0; i++)
            depth += format[i] == '(' ? 1 : format[i] == ')' ? -1 : 0;
        if (depth > 0)
            throw new TemplateFault("incomplete format key");
        if (_mapping is null)
            throw new TemplateFault("format requires a mapping");
        string key = format[start..(i - 1)];
        return _mapping.Find(key) ?? throw new TemplateFault($"the format names '{key}', which is not given");
    }

    private int? Number(string format, ref int i)
    {
        if (i < format.Length && format[i] == '*')
        {
            i++;
            return CallArguments.Size(Next());
        }

        int start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
            i++;
        if (start == i)
            return null;
        return int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new TemplateFault("width too big");
    }

    private object Next() => _next < _values.Count ? _values[_next++] : throw new TemplateFault("not enough arguments for format string");

    private string Converted(char type, object value, string flags, int width, int? precision)
    {
        switch (type)
        {
            case 's':
                return Cut(isHtml ? python.Html(value) : python.Str(value), precision);
            case 'r' or 'a':
                return Cut(isHtml ? Markup.Escape(python.Repr.Of(value)) : python.Repr.Of(value), precision);
            case 'c':
                return Comparisons.TextOf(value) is { } character && PyText.Length(character) == 1 ? character
                    : Numbers.ToInteger(value) is { } code && code >= 0 && code <= 0x10FFFF && Rune.IsValid((int)code) ? new Rune((int)code).ToString()
                    : throw new TemplateFault("%c requires int or char");
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return Numeric(type is 'i' or 'u' ? 'd' : type, value, flags, width, precision);
            default:
                throw new TemplateFault($"unsupported format character '{type}'");
        }
    }

    private string Numeric(char type, object value, string flags, int width, int? precision)
    {
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Numbers.ToDouble(value) is null || (value is double && (type is 'x' or 'X' or 'o')))
            throw new TemplateFault($"%{type} format: a number is required, not {TypeNames.Of(value)}");
        object number = type == 'd' && value is double real ? Numbers.Truncate(real) : value;
        bool alternate = flags.Contains('#', StringComparison.Ordinal);
        string prefix = alternate && (type is 'x' or 'X' or 'o') ? "0" + type : "";
        string digits = NumberFormat.Digits(number, type, precision, alternate && prefix.Length == 0);
        if ((type is 'd' or 'x' or 'X' or 'o') && precision is { } least)
        {
            python.Budget.MakeText(least);
            digits = digits.PadLeft(least, '0');
        }

        string sign = Sign() + prefix;
        python.Budget.MakeText(width);
        bool zeros = flags.Contains('0', StringComparison.Ordinal) && !flags.Contains('-', StringComparison.Ordinal);
        return sign + (zeros ? digits.PadLeft(Math.Max(0, width - sign.Length), '0') : digits);

        string Sign() => NumberFormat.IsNegative(number) ? "-" : flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
    }

    private static string Cut(string text, int? precision) => precision is { } length && length < PyText.Length(text) ? text[..PyText.UnitOf(text, length)] : text;
}
