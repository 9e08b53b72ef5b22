using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>Cuts a contiguous run of layers out of an instrumented graph.</summary>
/// <remarks>
/// What crosses a cut is the residual stream, and where the node that sums it norms it as well, the norm. Everything else that a shard
/// needs, such as masks and positions, is derived again in it from the graph's inputs; where only the shape of a value of another
/// shard is read, it is read off a value of the same shape that the shard has.
/// </remarks>
internal sealed class ShardCutter(ModelProto model, Anatomy anatomy, SiteValues sites, ElementType type)
{
    /// <summary>Cuts.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="count">How many layers.</param>
    /// <param name="file">The shard's file name.</param>
    /// <param name="device">The device it is made for.</param>
    /// <exception cref="UnsupportedArchitectureException">The layers need something of earlier ones beside the residual stream.</exception>
    public (ModelProto Model, ShardEntry Entry) Cut(int first, int count, string file, string device)
    {
        int end = first + count;
        ModelProto shard = model.Clone();
        string[] given = first == 0 ? [] : Crossing(first - 1);
        if (first > 0)
        {
            OwnShapes.Use(shard, anatomy, sites.Values, first, given[0]);
            foreach (string value in given)
            {
                MakeInput(shard.Graph, value);
            }
        }

        string hidden = sites.Values[new HookPoint(Site.ResidPost, end - 1)];
        string[] handedOn = end == anatomy.Layers ? [] : Crossing(end - 1)[1..];
        LayerCachePorts[] cache = anatomy.Cache.IsEmpty ? [] : [.. anatomy.Cache.Skip(first).Take(count)];
        IEnumerable<string> posts = Enumerable.Range(first, count).Select(layer => sites.Values[new HookPoint(Site.ResidPost, layer)]);
        GraphEditor.SetOutputs(shard,
        [
            .. posts.Append(hidden).Concat(handedOn).Distinct(),
            .. cache.SelectMany(ports => ports.Both).Select(port => port.Present),
        ]);
        RequireOwnInputs(shard.Graph, first, given, cache);
        shard.MetadataProps.Clear();
        return (shard, Entry(shard.Graph, first, count, file, device, given, cache));
    }

    /// <summary>The values that go over the end of a layer: the residual stream first.</summary>
    private string[] Crossing(int layer)
    {
        string residual = sites.Values[new HookPoint(Site.ResidPost, layer)];
        NodeProto maker = new GraphView(model.Graph).Producer(residual)!;
        return SkipNorms.Is(maker) ? [residual, maker.Output[0]] : [residual];
    }

    private void MakeInput(GraphProto graph, string value)
    {
        NodeProto maker = new GraphView(graph).Producer(value)!;
        maker.Output[maker.Output.IndexOf(value)] = $"{value}/before_cut";
        var shape = new TensorShapeProto();
        foreach (string axis in (string[])["batch", "length"])
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = $"cut.{axis}" });
        }

        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "cut.width" });
        foreach (ValueInfoProto info in graph.ValueInfo.Where(info => info.Name == value).ToArray())
        {
            graph.ValueInfo.Remove(info);
        }

        graph.Input.Add(new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } });
    }

    private void RequireOwnInputs(GraphProto graph, int first, string[] given, LayerCachePorts[] cache)
    {
        HashSet<string> allowed =
        [
            .. given, .. anatomy.Ports.Values, .. sites.Steer.Values, .. cache.SelectMany(ports => ports.Both).Select(port => port.Past),
            .. first == 0 ? [anatomy.Stream.TokenInput] : (string[])[],
        ];
        string[] foreign = [.. graph.Input.Select(input => input.Name).Where(name => !allowed.Contains(name))];
        if (foreign.Length > 0)
        {
            throw new UnsupportedArchitectureException(
                $"Layer {first} and those behind it need more of the layers before than the residual stream: they read the content of {string.Join(", ", foreign.Take(4))}. The graph cannot be cut there; instrument it with one shard.");
        }
    }

    private ShardEntry Entry(GraphProto graph, int first, int count, string file, string device, string[] given, LayerCachePorts[] cache)
    {
        HashSet<string> inputs = [.. graph.Input.Select(input => input.Name)];
        string? Port(PortRole role) => anatomy.Ports.TryGetValue(role, out string? port) && inputs.Contains(port) ? port : null;
        bool Here(HookPoint point) => point.Layer >= first && point.Layer < first + count;
        return new ShardEntry
        {
            File = file,
            FirstLayer = first,
            LayerCount = count,
            Device = device,
            InputIds = first == 0 ? anatomy.Stream.TokenInput : null,
            HiddenIn = first == 0 ? null : given[0],
            Carried = [.. given.Skip(1).Where(inputs.Contains).Select(value => new CarriedValue(value, value))],
            HiddenOut = sites.Values[new HookPoint(Site.ResidPost, first + count - 1)],
            SeqLensK = Port(PortRole.SeqLensK),
            TotalSequenceLength = Port(PortRole.TotalSequenceLength),
            PositionIds = Port(PortRole.PositionIds),
            AttentionMask = Port(PortRole.AttentionMask),
            WriteIndices = Port(PortRole.WriteIndices),
            ValidLengths = Port(PortRole.ValidLengths),
            Cache = [.. cache.Select(ports => new CacheEntry(ports.Key.Past, ports.Value.Past, ports.Key.Present, ports.Value.Present))],
            Sites = sites.Values.Where(site => Here(site.Key)).ToImmutableSortedDictionary(site => site.Key.ToString(), site => site.Value, StringComparer.Ordinal),
            Steer = sites.Steer.Where(site => Here(site.Key)).ToImmutableSortedDictionary(site => site.Key.ToString(), site => site.Value, StringComparer.Ordinal),
        };
    }
}
