using System.Globalization;

namespace OnnxLens.Bundles;

/// <summary>A site of one layer, written <c>mlp_in.12</c>.</summary>
/// <param name="Site">The place in the block.</param>
/// <param name="Layer">The layer, counted from 0 over the whole model.</param>
public readonly record struct HookPoint(Site Site, int Layer)
{
    /// <summary>What the LM head reads: the residual stream behind the last block of a model.</summary>
    public static HookPoint Final(ModelFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return new HookPoint(Site.ResidPost, facts.Layers - 1);
    }

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="SelectionException">The text has no layer, or names an unknown site.</exception>
    public static HookPoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int dot = text.LastIndexOf('.');
        if (dot < 0 || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int layer))
        {
            throw new SelectionException($"'{text}' is no hook point. Write site and layer with a dot, for example 'mlp_in.12'.");
        }

        return new HookPoint(Sites.Parse(text[..dot]), layer);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Site.Name()}.{Layer}");
}
