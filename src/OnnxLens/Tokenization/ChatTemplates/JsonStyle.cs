namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>How <c>tojson</c> writes.</summary>
/// <param name="Ascii">True: characters beyond ASCII are escaped.</param>
/// <param name="Indent">What a level is indented by; null is all on one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between a key and its value.</param>
/// <param name="SortKeys">True: keys in order.</param>
internal sealed record JsonStyle(bool Ascii, string? Indent, string ItemSeparator, string KeySeparator, bool SortKeys)
{
    /// <summary>The style that the arguments of the filter ask for.</summary>
    public static JsonStyle Read(PyRuntime python, CallArguments arguments)
    {
        object?[] given = arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = given[1] switch
        {
            null or None => null,
            object width when Comparisons.TextOf(width) is { } text => text,
            object width => Spaces(python, CallArguments.Size(width)),
        };
        (string item, string key) = (indent is null ? ", " : ",", ": ");
        if (given[2] is not (null or None))
        {
            IReadOnlyList<object> pair = python.Sequences.ToList(given[2]!).Items;
            if (pair.Count != 2)
                throw new TemplateFault("'separators' of tojson are two texts: between items, and between a key and its value");
            (item, key) = (CallArguments.Text(pair[0]), CallArguments.Text(pair[1]));
        }

        return new JsonStyle(CallArguments.Flag(given[0]), indent, item, key, CallArguments.Flag(given[3]));
    }

    private static string Spaces(PyRuntime python, int width)
    {
        python.Budget.MakeText(width);
        return new string(' ', Math.Max(0, width));
    }
}
