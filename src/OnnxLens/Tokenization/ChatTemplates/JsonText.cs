using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The filter <c>tojson</c> as transformers defines it, which is Python's <c>json.dumps</c>, and values from JSON.</summary>
internal sealed class JsonText(PyRuntime python)
{
    /// <summary>A value of a template from a value of JSON.</summary>
    public object Read(JsonElement element)
    {
        python.Budget.Step();
        switch (element.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.String:
                return WellFormed(() => element.GetString()!);
            case JsonValueKind.Number:
                string digits = element.GetRawText();
                return digits.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? Numbers.ParseInteger(digits, 10)! : double.Parse(digits, CultureInfo.InvariantCulture);
            case JsonValueKind.Array:
                return new PyList([.. element.EnumerateArray().Select(Read)]);
            case JsonValueKind.Object:
                PyDict dict = python.NewDict();
                foreach (JsonProperty property in element.EnumerateObject())
                    dict[WellFormed(() => property.Name)] = Read(property.Value);
                return dict;
            default:
                return None.Value;
        }
    }

    private static string WellFormed(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new TemplateFault("a message or variable holds a lone surrogate, which is no character");
        }
    }

    /// <summary>The filter.</summary>
    public string Write(object value, JsonStyle style)
    {
        var json = new StringBuilder();
        Write(value, style, "\n", json);
        python.Budget.Spend(json.Length);
        return json.ToString();
    }

    private void Write(object value, JsonStyle style, string newLine, StringBuilder json)
    {
        python.Budget.Step();
        Budget.CheckText(json.Length);
        switch (value)
        {
            case PyList list:
                WriteItems('[', list.Items, ']', style, newLine, json, (item, inner) => Write(item, style, inner, json));
                break;
            case PyTuple tuple:
                WriteItems('[', tuple.Items, ']', style, newLine, json, (item, inner) => Write(item, style, inner, json));
                break;
            case PyDict dict:
                WriteItems('{', Entries(dict, style), '}', style, newLine, json, (entry, inner) =>
                {
                    WriteText(Key(entry.Key), style, json);
                    json.Append(style.KeySeparator);
                    Write(entry.Value, style, inner, json);
                });
                break;
            default:
                if (Comparisons.TextOf(value) is { } text)
                    WriteText(text, style, json);
                else
                    json.Append(Simple(value) ?? throw new TemplateFault($"Object of type {TypeNames.Of(value).Split('.')[^1]} is not JSON serializable"));
                break;
        }
    }

    private static void WriteItems<T>(char open, IReadOnlyCollection<T> items, char close, JsonStyle style, string newLine, StringBuilder json, Action<T, string> write)
    {
        json.Append(open);
        string inner = newLine + style.Indent;
        Budget.CheckText(json.Length + ((long)inner.Length * items.Count));
        bool first = true;
        foreach (T item in items)
        {
            if (!first)
                json.Append(style.ItemSeparator);
            first = false;
            if (style.Indent is not null)
                json.Append(inner);
            write(item, inner);
        }

        if (style.Indent is not null && items.Count > 0)
            json.Append(newLine);
        json.Append(close);
    }

    private List<KeyValuePair<object, object>> Entries(PyDict dict, JsonStyle style)
    {
        List<KeyValuePair<object, object>> entries = [.. dict.Entries];
        return style.SortKeys ? [.. python.Comparisons.Sort(entries, entry => entry.Key)] : entries;
    }

    private static string Key(object key) => Comparisons.TextOf(key) ?? Simple(key) ?? throw new TemplateFault($"keys must be str, int, float, bool or None, not {TypeNames.Of(key)}");

    private static string? Simple(object value) => value switch
    {
        None => "null",
        bool flag => flag ? "true" : "false",
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : Repr.Float(number),
        _ => null,
    };

    private static void WriteText(string text, JsonStyle style, StringBuilder json)
    {
        Budget.CheckText((long)json.Length + text.Length);
        json.Append('"');
        foreach (char c in text)
        {
            int known = "\"\\\n\r\t\b\f".IndexOf(c, StringComparison.Ordinal);
            if (known >= 0)
                json.Append('\\').Append("\"\\nrtbf"[known]);
            else if (c < ' ' || (style.Ascii && c > '~'))
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                json.Append(c);
        }

        json.Append('"');
    }
}
