namespace OnnxLens.Export.Quantization;

/// <summary>Names of <see cref="QuantizationScope"/>.</summary>
public static class QuantizationScopes
{
    private static readonly string[] Names = ["blocks", "all"];

    /// <summary>Reads <c>blocks</c> or <c>all</c>.</summary>
    /// <exception cref="SelectionException">The text is neither.</exception>
    public static QuantizationScope Parse(string text)
    {
        int index = Array.IndexOf(Names, text);
        return index >= 0
            ? (QuantizationScope)index
            : throw new SelectionException($"'{text}' is nothing that can be quantised. What can be: {string.Join(", ", Names)}.");
    }
}
