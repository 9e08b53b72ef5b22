namespace OnnxLens.Export;

/// <summary>Names of <see cref="WeightsMode"/>.</summary>
public static class WeightsModes
{
    private static readonly string[] Names = ["auto", "link", "copy", "reference"];

    /// <summary>Reads <c>auto</c>, <c>link</c>, <c>copy</c> or <c>reference</c>.</summary>
    /// <exception cref="SelectionException">The text is none of them.</exception>
    public static WeightsMode Parse(string text)
    {
        int index = Array.IndexOf(Names, text);
        return index >= 0
            ? (WeightsMode)index
            : throw new SelectionException($"'{text}' is no way to hold weights. Ways are: {string.Join(", ", Names)}.");
    }
}
