using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds every part of a decoder's graph that a bundle needs.</summary>
internal static class AnatomyFinder
{
    /// <summary>Finds.</summary>
    /// <param name="model">The graph, its nodes in topological order. It is edited by <see cref="SkipNorms.Expose"/>.</param>
    /// <exception cref="UnsupportedArchitectureException">A part was not found; the message says which.</exception>
    public static Anatomy Find(ModelProto model)
    {
        SkipNorms.Expose(model.Graph);
        ModelProto apart = SkipNorms.TakenApart(model);
        var flow = new DataFlow(new GraphView(apart.Graph));
        ResidualStream stream = new StreamFinder(flow).Find();
        (CacheKind kind, ImmutableArray<LayerCachePorts> cache) = new CacheFinder(flow, stream).Find();
        HashSet<string> known = [stream.TokenInput, .. cache.SelectMany(ports => ports.Both).Select(port => port.Past)];
        return new Anatomy
        {
            Apart = apart,
            Flow = flow,
            Stream = stream,
            CacheKind = kind,
            Cache = cache,
            Ports = new PortFinder(flow).Find(known),
        };
    }
}
