using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Everything that was found in a decoder's graph.</summary>
internal sealed record Anatomy
{
    /// <summary>The model with its summing norms taken apart, in which everything was found. Values have the names they have in the model itself.</summary>
    public required ModelProto Apart { get; init; }

    /// <summary>The graph's values and what depends on what.</summary>
    public required DataFlow Flow { get; init; }

    /// <summary>The residual stream.</summary>
    public required ResidualStream Stream { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public required CacheKind CacheKind { get; init; }

    /// <summary>The cache of each layer; empty where none is kept.</summary>
    public required ImmutableArray<LayerCachePorts> Cache { get; init; }

    /// <summary>What the other inputs are for.</summary>
    public required ImmutableDictionary<PortRole, string> Ports { get; init; }

    /// <summary>Number of blocks.</summary>
    public int Layers => Stream.Layers.Length;

    /// <summary>Every hook point of the graph, with the value that is there before anything is steered.</summary>
    public IEnumerable<(HookPoint Point, string Value)> Sites()
    {
        yield return (new HookPoint(Site.ResidPre, 0), Stream.Start);
        for (int layer = 0; layer < Layers; layer++)
        {
            (Sublayer attention, Sublayer mlp) = Stream.Layers[layer];
            yield return (new HookPoint(Site.AttnIn, layer), attention.Input);
            yield return (new HookPoint(Site.AttnOut, layer), attention.Contribution);
            yield return (new HookPoint(Site.ResidMid, layer), attention.Sum);
            yield return (new HookPoint(Site.MlpIn, layer), mlp.Input);
            yield return (new HookPoint(Site.MlpOut, layer), mlp.Contribution);
            yield return (new HookPoint(Site.ResidPost, layer), mlp.Sum);
        }
    }

    /// <summary>The cache ports' inputs.</summary>
    public IEnumerable<string> PastInputs => Cache.SelectMany(ports => ports.Both).Select(port => port.Past);
}
