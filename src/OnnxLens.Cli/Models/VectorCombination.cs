using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>A weighted sum of vectors, made orthogonal to another and normalised where that is asked for, site by site.</summary>
/// <param name="Vectors">The results, one for each site that all terms have.</param>
/// <param name="Notes">What was left out or assumed.</param>
internal sealed record VectorCombination(ImmutableArray<SteeringVector> Vectors, ImmutableArray<string> Notes)
{
    /// <summary>Reads the files and combines them.</summary>
    /// <exception cref="VectorException">A file cannot be read.</exception>
    /// <exception cref="SelectionException">The vectors do not fit each other.</exception>
    public static VectorCombination Of(ImmutableArray<VectorSelector> terms, VectorSelector? against, bool normalise)
    {
        var notes = new List<string>();
        ImmutableArray<Source> sources = [.. terms.Select(term => Read(term, notes))];
        Source? other = against is null ? null : Read(against, notes);
        Site[] common = [.. Sites.All.Where(site => sources.All(source => source.At(site) is not null))];
        if (common.Length == 0)
        {
            throw new SelectionException($"The vectors have no site in common: {string.Join("; ", sources.Select(source => $"'{source.Text}' has {source.SiteNames}"))}. Give vectors of one site.");
        }

        notes.AddRange(Sites.All.Except(common).Where(site => sources.Any(source => source.At(site) is not null))
            .Select(site => $"Site '{site.Name()}' is left out: not all vectors have it."));
        return new VectorCombination([.. common.Select(site => Combine(site, sources, other, normalise, notes))], [.. notes]);
    }

    private static SteeringVector Combine(Site site, ImmutableArray<Source> sources, Source? other, bool normalise, List<string> notes)
    {
        SteeringVector sum = Noted(VectorMath.Sum([.. sources.Select(source => (source.At(site)!, source.Weight))]), notes);
        if (other is not null)
        {
            SteeringVector against = other.At(site) ?? throw new SelectionException($"'{other.Text}' has no vector at '{site.Name()}' to be orthogonal to. It has: {other.SiteNames}.");
            sum = Noted(VectorMath.Orthogonalise(sum, against), notes);
        }

        return normalise ? VectorMath.Normalise(sum) : sum;
    }

    private static SteeringVector Noted(CombinedVector combined, List<string> notes)
    {
        if (!combined.LeftOut.IsEmpty)
        {
            notes.Add($"At '{combined.Vector.Site.Name()}', layers {string.Join(", ", combined.LeftOut)} are left out: not all vectors have them.");
        }

        return combined.Vector;
    }

    private static Source Read(VectorSelector selector, List<string> notes)
    {
        VectorFileContent content = selector.Read();
        notes.AddRange(content.Notes);
        return new Source(selector.Text, selector.Select(content), selector.Strength.Value);
    }

    private sealed record Source(string Text, ImmutableArray<SteeringVector> Vectors, double Weight)
    {
        public string SiteNames => string.Join(", ", Vectors.Select(vector => vector.Site.Name()));

        public SteeringVector? At(Site site) => Vectors.FirstOrDefault(vector => vector.Site == site);
    }
}
