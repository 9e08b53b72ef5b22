using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The methods of texts that look for another text, between code points that may be given.</summary>
internal static class TextSearch
{
    /// <summary><c>startswith</c> and <c>endswith</c>: of one text, or any of a tuple of them.</summary>
    public static object HasEnd(PyRuntime python, string text, CallArguments arguments, bool start)
    {
        string name = start ? "startswith" : "endswith";
        object?[] given = arguments.Bind(name, 1, start ? "prefix" : "suffix", "start", "end");
        if (Window(python, text, given[1], given[2]) is not (_, var window))
            return false;
        IReadOnlyList<object> ends = given[0] is PyTuple tuple ? tuple.Items : [given[0]!];
        return ends.Any(end => Comparisons.TextOf(end) is { } part
            ? start ? window.StartsWith(part, StringComparison.Ordinal) : window.EndsWith(part, StringComparison.Ordinal)
            : throw new TemplateFault($"{name} first arg must be str or a tuple of str, not {TypeNames.Of(end)}"));
    }

    /// <summary><c>find</c> and its kin: the code point at which a text is found.</summary>
    public static object Find(PyRuntime python, string text, CallArguments arguments, string name)
    {
        object?[] given = arguments.Bind(name, 1, "sub", "start", "end");
        string part = CallArguments.Text(given[0]!);
        int found = -1;
        if (Window(python, text, given[1], given[2]) is (var start, var window))
        {
            python.Budget.SpendSearch(window, part);
            int unit = name.StartsWith('r') ? window.LastIndexOf(part, StringComparison.Ordinal) : window.IndexOf(part, StringComparison.Ordinal);
            found = unit < 0 ? -1 : start + PyText.Length(window[..unit]);
        }

        return found < 0 && name.EndsWith("index", StringComparison.Ordinal) ? throw new TemplateFault("substring not found") : (BigInteger)found;
    }

    /// <summary><c>count</c>.</summary>
    public static object Count(PyRuntime python, string text, CallArguments arguments)
    {
        object?[] given = arguments.Bind("count", 1, "sub", "start", "end");
        string part = CallArguments.Text(given[0]!);
        if (Window(python, text, given[1], given[2]) is not (_, var window))
            return BigInteger.Zero;
        python.Budget.SpendSearch(window, part);
        return (BigInteger)(part.Length == 0 ? PyText.Length(window) + 1 : window.AsSpan().Count(part));
    }

    // The text between two code points, and the first of them; null where they are out of order.
    private static (int Start, string Window)? Window(PyRuntime python, string text, object? start, object? end)
    {
        if (start is null or None && end is null or None)
            return (0, text);
        int length = python.Sequences.Length(text);
        int first = Index(start, 0);
        int last = Math.Min(Index(end, length), length);
        return first > last ? null : (first, text[PyText.UnitOf(text, first)..PyText.UnitOf(text, last)]);

        int Index(object? given, int otherwise)
        {
            if (given is null or None)
                return otherwise;
            int index = CallArguments.Size(given);
            return index < 0 ? Math.Max(0, index + length) : index;
        }
    }
}
