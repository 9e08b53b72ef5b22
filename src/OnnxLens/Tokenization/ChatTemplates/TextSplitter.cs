namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary><c>split</c>, <c>rsplit</c>, <c>partition</c> and <c>rpartition</c>.</summary>
internal static class TextSplitter
{
    /// <summary>The parts of a text.</summary>
    /// <param name="python">Counts the work.</param>
    /// <param name="text">The text.</param>
    /// <param name="separator">What stands between them; null is any run of white space, and then no part is empty.</param>
    /// <param name="most">How often it is cut at most; negative is as often as can be.</param>
    /// <param name="fromEnd">True: cuts from the end.</param>
    public static IEnumerable<string> Split(PyRuntime python, string text, string? separator, int most, bool fromEnd)
    {
        if (separator is null)
            return fromEnd ? WordsFromEnd(text, most) : Words(text, most);
        if (separator.Length == 0)
            throw new TemplateFault("empty separator");
        python.Budget.SpendSearch(text, separator);
        return fromEnd ? PartsFromEnd(text, separator, most) : Parts(text, separator, most);
    }

    /// <summary>What stands before a separator, the separator, and what stands after it.</summary>
    public static string[] Partition(PyRuntime python, string text, string separator, bool fromEnd)
    {
        if (separator.Length == 0)
            throw new TemplateFault("empty separator");
        python.Budget.SpendSearch(text, separator);
        int at = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
            return fromEnd ? ["", "", text] : [text, "", ""];
        return [text[..at], separator, text[(at + separator.Length)..]];
    }

    private static IEnumerable<string> Parts(string text, string separator, int most)
    {
        int start = 0;
        for (int done = 0; done != most && text.IndexOf(separator, start, StringComparison.Ordinal) is var at and >= 0; done++)
        {
            yield return text[start..at];
            start = at + separator.Length;
        }

        yield return text[start..];
    }

    private static List<string> PartsFromEnd(string text, string separator, int most)
    {
        List<string> parts = [];
        int end = text.Length;
        for (int done = 0; done != most && text.AsSpan(0, end).LastIndexOf(separator) is var at and >= 0; done++)
        {
            parts.Add(text[(at + separator.Length)..end]);
            end = at;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static IEnumerable<string> Words(string text, int most)
    {
        int start = SkipSpace(text, 0);
        for (int done = 0; start < text.Length; done++)
        {
            if (done == most)
            {
                yield return text[start..];
                yield break;
            }

            int end = start;
            while (end < text.Length && !PyText.IsSpace(text[end]))
                end++;
            yield return text[start..end];
            start = SkipSpace(text, end);
        }
    }

    private static List<string> WordsFromEnd(string text, int most)
    {
        List<string> words = [];
        int end = PyText.TrimEnd(text).Length;
        for (int done = 0; end > 0; done++)
        {
            int start = done == most ? 0 : end;
            while (start > 0 && !PyText.IsSpace(text[start - 1]))
                start--;
            words.Add(text[start..end]);
            end = start;
            while (end > 0 && PyText.IsSpace(text[end - 1]))
                end--;
        }

        words.Reverse();
        return words;
    }

    private static int SkipSpace(string text, int index)
    {
        while (index < text.Length && PyText.IsSpace(text[index]))
            index++;
        return index;
    }
}
