using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>Drives a graph as its exporter meant it: one sequence, every input fed by its role, what is kept handed on from run to run.</summary>
/// <param name="probe">The graph.</param>
/// <param name="anatomy">What was found in it.</param>
/// <param name="facts">The model's sizes.</param>
/// <param name="cache">The form of what is kept.</param>
/// <param name="capacity">The longest sequence that will be run.</param>
internal sealed class ReferenceRun(GraphProbe probe, Anatomy anatomy, ModelFacts facts, CacheForm cache, int capacity)
{
    private readonly Dictionary<string, ProbeTensor> _past = [];
    private readonly List<int> _tokens = [];

    /// <summary>Runs tokens behind those run before.</summary>
    /// <returns>Sites and logits of the new tokens, by value; where nothing is kept, of all tokens.</returns>
    public IReadOnlyDictionary<string, ProbeTensor> Run(ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        int before = _tokens.Count;
        _tokens.AddRange(tokens);
        bool anew = cache.Kind == CacheKind.None;
        int start = anew ? 0 : before;
        long[] ids = [.. _tokens.Skip(start).Select(id => (long)id)];
        var feeds = new Dictionary<string, ProbeTensor> { [anatomy.Stream.TokenInput] = Numbers(anatomy.Stream.TokenInput, ids, 1, ids.Length) };
        foreach ((PortRole role, string port) in anatomy.Ports)
        {
            feeds[port] = Feed(role, port, start);
        }

        foreach (string past in anatomy.PastInputs)
        {
            feeds[past] = Past(past);
        }

        var results = probe.Run(feeds.Where(feed => probe.Inputs.ContainsKey(feed.Key)).ToDictionary(), [.. GraphLook.Values(anatomy)], cancellation);
        foreach (CachePort port in anatomy.Cache.SelectMany(layer => layer.Both))
        {
            _past[port.Past] = results[port.Present];
        }

        return results;
    }

    private ProbeTensor Feed(PortRole role, string port, int start)
    {
        int total = _tokens.Count;
        return role switch
        {
            PortRole.PositionIds => Numbers(port, [.. Enumerable.Range(start, total - start).Select(position => (long)position)], 1, total - start),
            PortRole.AttentionMask => Numbers(port, [.. Enumerable.Repeat(1L, total)], 1, total),
            PortRole.SeqLensK => Numbers(port, [total - 1], 1),
            PortRole.TotalSequenceLength => Numbers(port, [total]),
            PortRole.WriteIndices => Numbers(port, [start], 1),
            PortRole.ValidLengths => Numbers(port, [total], 1),
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Unknown role."),
        };
    }

    private ProbeTensor Numbers(string port, long[] values, params long[] shape) =>
        ProbeTensor.Of(probe.Inputs.TryGetValue(port, out PortType? type) ? type.Type : ElementType.Int64, values, shape);

    private ProbeTensor Past(string port)
    {
        if (_past.TryGetValue(port, out ProbeTensor? known))
        {
            return known;
        }

        long entries = cache.Kind == CacheKind.Growing ? 0 : cache.Capacity ?? Math.Max(capacity, cache.LeastCapacity);
        ElementType type = probe.Inputs[port].Type;
        return cache.Layout == CacheLayout.HeadsFirst
            ? ProbeTensor.Zeros(type, 1, facts.KvHeads, entries, facts.HeadDim)
            : ProbeTensor.Zeros(type, 1, entries, (long)facts.KvHeads * facts.HeadDim);
    }
}
