using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>What a file of steering vectors holds.</summary>
/// <param name="Path">The file, as it was named.</param>
/// <param name="Format">The format it was read as: <c>safetensors</c>, <c>gguf</c>, <c>npz</c>, <c>npy</c> or <c>svec</c>.</param>
/// <param name="Vectors">One vector for each site, in forward order; at least one, all of one hidden size.</param>
/// <param name="Notes">What was assumed in reading it, in whole sentences: the rule by which layers were numbered, a site taken by default.</param>
public sealed record VectorFileContent(string Path, string Format, ImmutableArray<SteeringVector> Vectors, ImmutableArray<string> Notes)
{
    /// <summary>Values per layer, H.</summary>
    public int HiddenSize => Vectors[0].HiddenSize;

    /// <summary>The sites, in forward order.</summary>
    public ImmutableArray<Site> Sites => [.. Vectors.Select(vector => vector.Site)];

    /// <summary>The vector of a site.</summary>
    /// <exception cref="SelectionException">The file has none at this site; the message lists those it has.</exception>
    public SteeringVector At(Site site) =>
        Vectors.FirstOrDefault(vector => vector.Site == site)
        ?? throw new SelectionException($"'{Path}' has no vector at site '{site.Name()}'. It has: {SiteNames}.");

    /// <summary>The names of the sites, for messages.</summary>
    internal string SiteNames => string.Join(", ", Sites.Select(site => site.Name()));
}
