using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Runs a made graph as its maker meant it: nothing of what a finder found is used. Owns the session.</summary>
internal sealed class VariantRun : IDisposable
{
    private const int Longest = 64;

    private readonly MadeVariant _made;
    private readonly GraphProbe _probe;
    private readonly string[] _outputs;
    private readonly Dictionary<string, ProbeTensor> _past = [];
    private int _length;

    /// <param name="made">The graph, every site a value of it.</param>
    /// <param name="edit">Changes a copy of the graph before it is loaded.</param>
    public VariantRun(MadeVariant made, Action<GraphProto>? edit = null)
    {
        _made = made;
        ModelProto model = made.Model.Clone();
        edit?.Invoke(model.Graph);
        HashSet<string> there = [.. model.Graph.Output.Select(output => output.Name)];
        foreach (string value in made.Sites.Values.Where(there.Add))
        {
            model.Graph.Output.Add(new ValueInfoProto { Name = value });
        }

        _probe = GraphProbe.Open(model, new Dictionary<string, string>(), made.Form.Name);
        _outputs = [.. made.Sites.Values.Append(made.Logits).Concat(made.Cache.Select(port => port.Present)).Distinct()];
    }

    /// <summary>Runs tokens behind those run before, and gives every value by its name.</summary>
    public IReadOnlyDictionary<string, ProbeTensor> Run(params ReadOnlySpan<int> tokens)
    {
        long[] ids = [.. tokens];
        (int start, int total) = (_length, _length + tokens.Length);
        var feeds = new Dictionary<string, ProbeTensor>();
        Feed(feeds, _made.Ids, ids, 1, ids.Length);
        Feed(feeds, _made.Mask, [.. Enumerable.Repeat(1L, total)], 1, total);
        Feed(feeds, _made.Positions, [.. Enumerable.Range(start, ids.Length).Select(position => (long)position)], 1, ids.Length);
        Feed(feeds, _made.SeqLens, [total - 1], 1);
        Feed(feeds, _made.TotalLength, [total]);
        Feed(feeds, _made.WriteIndices, [start], 1);
        Variant form = _made.Form;
        foreach ((string past, _) in _made.Cache.Where(port => _probe.Inputs.ContainsKey(port.Past)))
        {
            feeds[past] = _past.GetValueOrDefault(past) ?? (form.Cache == CacheType.Scattered
                ? ProbeTensor.Zeros(ElementType.Float, 1, Longest, form.KvHeads * form.HeadDim)
                : ProbeTensor.Zeros(ElementType.Float, 1, form.KvHeads, 0, form.HeadDim));
        }

        var results = _probe.Run(feeds, _outputs);
        foreach ((string past, string present) in _made.Cache)
        {
            _past[past] = results[present];
        }

        _length = form.Cache == CacheType.None ? 0 : total;
        return results;
    }

    public void Dispose() => _probe.Dispose();

    private void Feed(Dictionary<string, ProbeTensor> feeds, string? port, long[] values, params long[] shape)
    {
        if (port is not null && _probe.Inputs.TryGetValue(port, out PortType? type))
        {
            feeds[port] = ProbeTensor.Of(type.Type, values, shape);
        }
    }
}
