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
        return TrySplit(text, out string site, out int layer)
            ? new HookPoint(Sites.Parse(site), layer)
            : throw new SelectionException($"'{text}' is no hook point. Write site and layer with a dot, for example 'mlp_in.12'.");
    }

    /// <summary>Reads exactly the form that <see cref="ToString"/> writes; false for any other text.</summary>
    internal static bool TryParse(string text, out HookPoint point)
    {
        bool reads = TrySplit(text, out string name, out int layer);
        bool known = Sites.TryParse(name, out Site site);
        point = new HookPoint(site, layer);
        return reads && known && point.ToString() == text;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Site.Name()}.{Layer}");

    private static bool TrySplit(string text, out string site, out int layer)
    {
        int dot = text.LastIndexOf('.');
        site = text[..Math.Max(0, dot)];
        return int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out layer) && dot >= 0;
    }
}
