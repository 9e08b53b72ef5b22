using System.Globalization;
using System.Numerics;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's <c>repr</c>: how a value is written inside a list, and, of all but texts, how it is printed.</summary>
internal sealed class Repr(Budget budget)
{
    /// <summary>The text of a value.</summary>
    /// <exception cref="TemplateFault">Python would print an address in memory.</exception>
    public string Of(object value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    /// <summary>A float as Python writes it: the shortest digits that give it again.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        (string digits, int exponent) = Shortest(Math.Abs(value));
        string sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        string padded = digits.PadRight(exponent + 2, '0');
        return $"{sign}{padded[..(exponent + 1)]}.{padded[(exponent + 1)..]}";
    }

    private void Write(object value, StringBuilder text)
    {
        budget.Step();
        Budget.CheckText(text.Length);
        switch (value)
        {
            case string plain:
                WriteText(plain, text);
                break;
            case Markup markup:
                text.Append("Markup(");
                WriteText(markup.Text, text);
                text.Append(')');
                break;
            case PyList list:
                WriteItems("[", list.Items, "]", text);
                break;
            case PyTuple tuple:
                WriteItems("(", tuple.Items, tuple.Items.Count == 1 ? ",)" : ")", text);
                break;
            case PyDict dict:
                WriteDict(dict, text);
                break;
            case DictView view:
                WriteItems(view.TypeName + "([", view.Items, "])", text);
                break;
            case Namespace names:
                text.Append("<Namespace ");
                WriteDict(names.Attributes, text);
                text.Append('>');
                break;
            default:
                text.Append(Simple(value));
                break;
        }
    }

    private static string Simple(object value) => value switch
    {
        None => "None",
        bool flag => flag ? "True" : "False",
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        Undefined => "Undefined",
        PyRange range => string.Create(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}{(range.Step.IsOne ? "" : $", {range.Step}")})"),
        Macro macro => $"<Macro {(macro.Name is null ? "anonymous" : $"'{macro.Name}'")}>",
        LoopState loop => string.Create(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Length}>"),
        Generator => throw new TemplateFault($"the template prints a {TypeNames.Of(value)}, of which Python shows the address in memory; it needs '|list' or '|join'"),
        _ => throw new TemplateFault($"the template prints a {TypeNames.Of(value)}, of which Python shows the address in memory"),
    };

    private void WriteItems(string open, IEnumerable<object> items, string close, StringBuilder text)
    {
        text.Append(open);
        bool first = true;
        foreach (object item in items)
        {
            if (!first)
                text.Append(", ");
            first = false;
            Write(item, text);
        }

        text.Append(close);
    }

    private void WriteDict(PyDict dict, StringBuilder text)
    {
        text.Append('{');
        bool first = true;
        foreach ((object key, object value) in dict.Entries)
        {
            if (!first)
                text.Append(", ");
            first = false;
            Write(key, text);
            text.Append(": ");
            Write(value, text);
        }

        text.Append('}');
    }

    private void WriteText(string value, StringBuilder text)
    {
        Budget.CheckText((long)text.Length + value.Length);
        budget.Spend(value.Length);
        char quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (string character in PyText.Characters(value))
        {
            if (character[0] == quote || character[0] == '\\')
                text.Append('\\').Append(character);
            else if (character[0] is '\n' or '\r' or '\t')
                text.Append(character[0] == '\n' ? "\\n" : character[0] == '\r' ? "\\r" : "\\t");
            else if (PyText.IsPrintable(character, 0))
                text.Append(character);
            else
                text.Append(Escape(character.Length == 2 ? char.ConvertToUtf32(character, 0) : character[0]));
        }

        text.Append(quote);
    }

    /// <summary>The shortest escape that Python writes for a character by its number.</summary>
    public static string Escape(int code) => code switch
    {
        <= 0xFF => string.Create(CultureInfo.InvariantCulture, $"\\x{code:x2}"),
        <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{code:x4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{code:x8}"),
    };

    // The digits that .NET gives, and the power of ten of the first of them.
    private static (string Digits, int Exponent) Shortest(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        int point = parts[0].IndexOf('.', StringComparison.Ordinal) is var at and >= 0 ? at : parts[0].Length;
        string all = parts[0].Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        if (digits.Length == 0)
            return ("0", 0);
        int power = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        return (digits.TrimEnd('0'), power + point - 1 - (all.Length - digits.Length));
    }
}
