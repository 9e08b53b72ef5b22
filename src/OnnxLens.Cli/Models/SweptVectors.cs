using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>Vectors of files, as a sweep takes them.</summary>
/// <param name="Vectors">One for each name and hook point.</param>
/// <param name="Unit">What their lengths are measured in.</param>
/// <param name="Origins">Name and site → who made it, and from what; without those that do not say.</param>
/// <param name="Notes">What was assumed in reading the files.</param>
internal sealed record SweptVectors(
    ImmutableArray<SweepVector> Vectors, SteeringUnit Unit, ImmutableDictionary<string, VectorOrigin> Origins, ImmutableArray<string> Notes)
{
    /// <summary>Reads files.</summary>
    /// <param name="named">The files, and what is chosen of each.</param>
    /// <param name="sites">The only sites taken, or null for all.</param>
    /// <param name="layerText">The only layers taken, as written, or null for all.</param>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="extracts">True where vectors are extracted besides.</param>
    /// <param name="check">Refuses a file of vectors of other weights, or says what was assumed in reading it.</param>
    /// <exception cref="OnnxLensException">A file cannot be read, or has not what is asked for.</exception>
    /// <exception cref="UsageException">The vectors are measured in different units.</exception>
    public static SweptVectors Read(
        ImmutableArray<NamedVector> named, ImmutableArray<Site>? sites, string? layerText, ModelFacts facts, bool extracts, Func<VectorFileContent, IEnumerable<string>> check)
    {
        if (named.Select(vector => vector.Selector.Strength.Unit).Distinct().Count() > 1)
        {
            throw new UsageException("Some vectors are measured in the activation's norm (*10%) and some are not. Sweep them one after the other.");
        }

        var vectors = ImmutableArray.CreateBuilder<SweepVector>();
        var notes = ImmutableArray.CreateBuilder<string>();
        var origins = ImmutableDictionary.CreateBuilder<string, VectorOrigin>();
        ImmutableArray<int>? layers = layerText is null ? null : LayerSelection.Resolve(layerText, facts.Layers);
        foreach ((string name, VectorSelector selector) in named)
        {
            VectorFileContent content = selector.Read();
            notes.AddRange(check(content));
            ImmutableArray<SteeringVector> selected = selector.Select(content);
            SweepVector[] chosen =
            [
                .. from vector in selected
                   where sites is not { } some || some.Contains(vector.Site)
                   from layer in vector.Layers
                   where layers is not { } few || few.Contains(layer.Key)
                   select new SweepVector(name, new HookPoint(vector.Site, layer.Key), selector.Strength.Applied(layer.Value)),
            ];
            foreach (SteeringVector vector in selected)
            {
                vector.RequireFits(facts, selector.Path);
                if (vector.Origin is not null && chosen.Any(swept => swept.Point.Site == vector.Site))
                {
                    origins[Key(name, vector.Site)] = vector.Origin;
                }
            }

            vectors.AddRange(chosen.Length > 0
                ? chosen
                : throw new SelectionException($"'{selector.Text}' has no vector at the sites and layers to be swept. It has {string.Join(", ", content.Vectors.Select(vector => $"{vector.Site.Name()} at layers {string.Join(", ", vector.Layers.Keys)}"))}."));
        }

        SteeringUnit unit = named.IsEmpty ? SteeringUnit.Raw : named[0].Selector.Strength.Unit;
        new HookSpec { Steer = [.. vectors.Select(vector => new SteeringOperation(vector.Point, vector.Values))] }.Validate(facts);
        return unit == SteeringUnit.Raw || !extracts
            ? new SweptVectors(vectors.ToImmutable(), unit, origins.ToImmutable(), notes.ToImmutable())
            : throw new UsageException("Extracted vectors are added as they are, and --vector measures its own in the activation's norm (*10%). Sweep them one after the other.");
    }

    /// <summary>By name and site, the hash of what is swept of each vector under test.</summary>
    public static ImmutableSortedDictionary<string, string> HashesOf(SweepPlan plan) => plan.Vectors
        .Where(vector => !ControlVectors.IsControl(vector.Name))
        .GroupBy(vector => (vector.Name, vector.Point.Site))
        .ToImmutableSortedDictionary(
            group => Key(group.Key.Name, group.Key.Site),
            group => new SteeringVector(group.Key.Site, group.ToDictionary(vector => vector.Point.Layer, vector => vector.Values)).Hash);

    /// <summary>How a vector at a site is called in provenance.</summary>
    public static string Key(string name, Site site) => $"{name}@{site.Name()}";
}
