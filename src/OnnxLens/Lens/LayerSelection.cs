using System.Collections.Immutable;

namespace OnnxLens.Lens;

/// <summary>Layers by name: <c>all</c>, or numbers and ranges such as <c>0,4-8,-1</c>.</summary>
public static class LayerSelection
{
    /// <summary>Checks the form, without a model.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <returns>The same text.</returns>
    /// <exception cref="SelectionException">The text has no such form.</exception>
    public static string RequireForm(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim() == "all" || IndexSelection.IsList(text)
            ? text
            : throw new SelectionException($"'{text}' selects no layers. Write 'all', or numbers and ranges such as '0,4-8,-1'.");
    }

    /// <summary>The layers named, ascending, each once.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="layers">How many layers the model has.</param>
    /// <exception cref="SelectionException">The text has no such form, or names a layer that the model does not have.</exception>
    public static ImmutableArray<int> Resolve(string text, int layers)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Trim() == "all")
        {
            return [.. Enumerable.Range(0, layers)];
        }

        return IndexSelection.IsList(text)
            ? IndexSelection.Resolve(text, layers, "layer")
            : throw new SelectionException($"'{text}' selects no layers. Write 'all', or numbers and ranges such as '0,4-8,-1'; the model has layers 0 to {layers - 1}.");
    }
}
