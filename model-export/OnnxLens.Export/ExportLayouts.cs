namespace OnnxLens.Export;

/// <summary>Names of <see cref="ExportLayout"/>.</summary>
public static class ExportLayouts
{
    private static readonly string[] Names = ["bundle", "genai"];

    /// <summary>Reads <c>bundle</c> or <c>genai</c>.</summary>
    /// <exception cref="SelectionException">The text is neither.</exception>
    public static ExportLayout Parse(string text)
    {
        int index = Array.IndexOf(Names, text);
        return index >= 0
            ? (ExportLayout)index
            : throw new SelectionException($"'{text}' is no layout. Layouts are: {string.Join(", ", Names)}.");
    }
}
