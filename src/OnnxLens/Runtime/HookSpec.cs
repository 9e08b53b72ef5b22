using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>What a run captures and what it steers. An empty one costs nothing and binds nothing.</summary>
public sealed record HookSpec
{
    /// <summary>Nothing captured, nothing steered.</summary>
    public static HookSpec None { get; } = new();

    /// <summary>The hook points whose values are kept for every position that is run.</summary>
    public ImmutableArray<HookPoint> Capture { get; init; } = [];

    /// <summary>How many positions captures hold at once, and who takes them; null holds every position of the run. For runs of one sequence.</summary>
    public CaptureWindow? Window { get; init; }

    /// <summary>Vectors applied to activations.</summary>
    public ImmutableArray<SteeringOperation> Steer { get; init; } = [];

    /// <summary>Every hook point of the given sites and layers, sites first in forward order.</summary>
    public static ImmutableArray<HookPoint> Points(IEnumerable<Site> sites, IEnumerable<int> layers)
    {
        ArgumentNullException.ThrowIfNull(sites);
        int[] ascending = [.. layers.Distinct().Order()];
        return [.. sites.Distinct().Order().SelectMany(site => ascending.Select(layer => new HookPoint(site, layer)))];
    }

    /// <summary>Refuses hook points that the model does not have and vectors that do not fit.</summary>
    /// <exception cref="SelectionException">A layer is out of range, a site cannot be steered, or a vector has another length than H or is not finite.</exception>
    public void Validate(ModelFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        foreach (HookPoint point in Capture.Concat(Steer.Select(steer => steer.Point)))
        {
            if (point.Layer < 0 || point.Layer >= facts.Layers)
            {
                throw new SelectionException($"Hook point '{point}' names layer {point.Layer}, but the model has layers 0 to {facts.Layers - 1}.");
            }
        }

        foreach (SteeringOperation steer in Steer)
        {
            steer.Validate(facts);
        }
    }
}
