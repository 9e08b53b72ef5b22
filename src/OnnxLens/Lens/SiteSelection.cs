using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Lens;

/// <summary>Sites by name: <c>all</c>, or names with commas.</summary>
public static class SiteSelection
{
    /// <summary>The sites named, in forward order, each once.</summary>
    /// <exception cref="SelectionException">A name is unknown.</exception>
    public static ImmutableArray<Site> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim() == "all"
            ? Sites.All
            : [.. text.Split(',').Select(name => Sites.Parse(name.Trim())).Distinct().Order()];
    }
}
