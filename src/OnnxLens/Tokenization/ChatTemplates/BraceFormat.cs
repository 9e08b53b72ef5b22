using System.Globalization;
using System.Numerics;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's <c>text.format(...)</c>, with attributes and items as the sandbox resolves them.</summary>
/// <param name="python">Writes the values.</param>
/// <param name="arguments">What is put in.</param>
/// <param name="isHtml">True: the text is HTML, so what is put in is escaped.</param>
internal sealed class BraceFormat(PyRuntime python, CallArguments arguments, bool isHtml)
{
    private const int DeepestNesting = 2;

    private int _next;

    /// <summary>What <c>format_map</c> is given, as arguments of <c>format</c>.</summary>
    public static CallArguments Mapping(CallArguments arguments) => arguments.Bind("format_map", 1, "mapping")[0] is PyDict dict
        ? new CallArguments([], [.. dict.Entries.Where(entry => entry.Key is string).Select(entry => KeyValuePair.Create((string)entry.Key, entry.Value))])
        : throw new TemplateFault("format_map() needs a mapping");

    /// <summary>Puts the arguments into a text.</summary>
    public string Format(string format) => Format(format, DeepestNesting);

    private string Format(string format, int depth)
    {
        if (depth == 0)
            throw new TemplateFault("Max string recursion exceeded");
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if ((c is '{' or '}') && i + 1 < format.Length && format[i + 1] == c)
                text.Append(format[i++]);
            else if (c == '}')
                throw new TemplateFault("Single '}' encountered in format string");
            else if (c == '{')
                text.Append(Field(FieldText(format, ref i), depth));
            else
                text.Append(c);
            Budget.CheckText(text.Length);
        }

        python.Budget.Spend(format.Length + text.Length);
        return text.ToString();
    }

    // From a brace to the one that closes it; the index then stands on that.
    private static string FieldText(string format, ref int i)
    {
        int start = ++i;
        for (int open = 1; i < format.Length; i++)
        {
            open += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (open == 0)
                return format[start..i];
        }

        throw new TemplateFault("expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        int end = field.AsSpan().IndexOfAny('!', ':') is var at and >= 0 ? at : field.Length;
        object value = Value(field[..end]);
        string rest = field[end..];
        if (rest.StartsWith('!'))
        {
            value = rest.Length > 1 && rest[1] == 's' ? python.Str(value)
                : rest.Length > 1 && (rest[1] is 'r' or 'a') ? python.Repr.Of(value)
                : throw new TemplateFault("a '!' in a format must be followed by s, r or a");
            rest = rest[2..];
            if (rest.Length > 0 && rest[0] != ':')
                throw new TemplateFault("expected ':' after conversion specifier");
        }

        string spec = rest.Length > 0 ? Format(rest[1..], depth - 1) : "";
        string written = new FormatSpec(python, spec).Write(value);
        return isHtml && value is not Markup ? Markup.Escape(written) : written;
    }

    private object Value(string name)
    {
        int end = name.AsSpan().IndexOfAny('.', '[') is var at and >= 0 ? at : name.Length;
        object value = First(name[..end]);
        for (int i = end; i < name.Length;)
        {
            int close = name[i] == '[' ? name.IndexOf(']', i) : i + 1 + (name.AsSpan(i + 1).IndexOfAny('.', '[') is var next and >= 0 ? next : name.Length - i - 1);
            string part = close < 0 ? "" : name[(i + 1)..close];
            if (part.Length == 0)
                throw new TemplateFault("Empty attribute in format string");
            value = name[i] == '.' ? python.Attributes.Get(value, part) : python.Attributes.Item(value, Index(part));
            i = name[i] == '[' ? close + 1 : close;
        }

        return value;
    }

    private static object Index(string part) => part.All(char.IsAsciiDigit) ? Numbers.ParseDigits(part, 10)! : part;

    private object First(string name)
    {
        if (name.Length == 0 || name.All(char.IsAsciiDigit))
        {
            BigInteger index = name.Length == 0 ? _next++ : Numbers.ParseDigits(name, 10)!.Value;
            return index < arguments.Positional.Count
                ? arguments.Positional[(int)index]
                : throw new TemplateFault(string.Create(CultureInfo.InvariantCulture, $"Replacement index {index} out of range for positional args tuple"));
        }

        foreach ((string given, object value) in arguments.Named)
        {
            if (given == name)
                return value;
        }

        throw new TemplateFault($"the format names '{name}', which is not given");
    }
}
