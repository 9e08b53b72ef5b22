using System.Collections.Immutable;
using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>Puts a steering input at every steerable site: an initializer of zero that a caller may replace, added by a node of its own.</summary>
/// <remarks>
/// Behind a norm the sum is read in place of the norm's output. At the end of a block whose addition is a node of its own, likewise; where
/// that node norms as well, the input is added to what the block adds, so that both the sum and its norm have it and no bit of an unfed
/// graph changes.
/// </remarks>
internal sealed class SteeringInserter
{
    private readonly GraphProto _graph;
    private readonly Anatomy _anatomy;
    private readonly ElementType _type;
    private readonly HashSet<string> _names;
    private readonly ImmutableDictionary<HookPoint, string>.Builder _values;
    private readonly ImmutableDictionary<HookPoint, string>.Builder _steer = ImmutableDictionary.CreateBuilder<HookPoint, string>();

    private SteeringInserter(GraphProto graph, Anatomy anatomy, ElementType type)
    {
        _graph = graph;
        _anatomy = anatomy;
        _type = type;
        _names = [.. graph.Node.SelectMany(node => node.Output), .. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name)];
        _values = anatomy.Sites().ToImmutableDictionary(site => site.Point, site => site.Value).ToBuilder();
    }

    /// <summary>Inserts.</summary>
    /// <param name="graph">The graph, edited in place.</param>
    /// <param name="anatomy">What was found in it.</param>
    /// <param name="type">Element type of the residual stream.</param>
    public static SiteValues Insert(GraphProto graph, Anatomy anatomy, ElementType type)
    {
        var inserter = new SteeringInserter(graph, anatomy, type);
        for (int layer = 0; layer < anatomy.Layers; layer++)
        {
            (Sublayer attention, Sublayer mlp) = anatomy.Stream.Layers[layer];
            inserter.BehindNorm(new HookPoint(Site.AttnIn, layer), attention);
            inserter.BehindNorm(new HookPoint(Site.MlpIn, layer), mlp);
            inserter.AtEnd(new HookPoint(Site.ResidPost, layer), mlp);
        }

        return new SiteValues(inserter._values.ToImmutable(), inserter._steer.ToImmutable());
    }

    private void BehindNorm(HookPoint point, Sublayer sublayer)
    {
        if (sublayer.Input != _anatomy.Flow.Behind(sublayer.Residual))
        {
            NodeProto add = Add(point, sublayer.Input);
            GraphEditor.InsertAfter(_graph, sublayer.Input, add);
            _values[point] = add.Output[0];
            return;
        }

        // What the layer before hands on after its own steering.
        var before = new HookPoint(Site.ResidPost, point.Layer - 1);
        string residual = point.Site == Site.AttnIn && point.Layer > 0 ? _values[before] : sublayer.Input;
        _values[point] = ReadInside(sublayer, residual, Add(point, residual));
    }

    /// <summary>
    /// Without a norm the residual itself is read, by the sublayer and by what goes past it: only the former is steered. Where both
    /// read it by one type conversion, the sublayer gets a conversion of its own.
    /// </summary>
    private string ReadInside(Sublayer sublayer, string residual, NodeProto add)
    {
        var view = new GraphView(_graph);
        HashSet<string> past = [residual];
        for (string value = sublayer.Residual; value != sublayer.Input && view.Producer(value) is NodeProto conversion; value = conversion.Input[0])
        {
            past.Add(value);
        }

        HashSet<string> inside = [.. sublayer.Nodes.SelectMany(node => node.Output).Where(output => output.Length > 0 && !past.Contains(output))];
        var steered = new Dictionary<string, string> { [residual] = add.Output[0] };
        _graph.Node.Insert(view.Producer(residual) is NodeProto maker ? view.Position(maker) + 1 : 0, add);
        foreach (NodeProto node in past.SelectMany(view.Consumers).Distinct().Where(node => node.Output.Any(inside.Contains)).ToArray())
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = past.Contains(node.Input[i]) ? Steered(view, node.Input[i], steered) : node.Input[i];
            }
        }

        return add.Output[0];
    }

    /// <summary>A value on the residual's way past a sublayer, as the sublayer reads it.</summary>
    private string Steered(GraphView view, string value, Dictionary<string, string> steered)
    {
        if (!steered.TryGetValue(value, out string? known))
        {
            NodeProto conversion = view.Producer(value)!;
            NodeProto own = conversion.Clone();
            own.Name = SkipNorms.Unused(_names, $"{conversion.Name}/steered");
            own.Input[0] = Steered(view, conversion.Input[0], steered);
            own.Output.Clear();
            own.Output.Add(known = SkipNorms.Unused(_names, $"{value}/steered"));
            _graph.Node.Insert(_graph.Node.IndexOf(conversion) + 1, own);
            steered.Add(value, known);
        }

        return known;
    }

    private void AtEnd(HookPoint point, Sublayer sublayer)
    {
        NodeProto joint = new GraphView(_graph).Producer(sublayer.Sum)!;
        if (!SkipNorms.Is(joint))
        {
            NodeProto add = Add(point, sublayer.Sum);
            GraphEditor.InsertAfter(_graph, sublayer.Sum, add);
            _values[point] = add.Output[0];
            return;
        }

        NodeProto before = Add(point, sublayer.Contribution);
        _graph.Node.Insert(_graph.Node.IndexOf(joint), before);
        joint.Input[joint.Input.IndexOf(sublayer.Contribution)] = before.Output[0];
    }

    private NodeProto Add(HookPoint point, string value)
    {
        string input = SkipNorms.Unused(_names, $"steer.{point}");
        _steer.Add(point, input);
        var tensor = new TensorProto { Name = input, DataType = (int)_type, RawData = ByteString.CopyFrom(new byte[_type.ByteSize()]) };
        tensor.Dims.AddRange([1L, 1L, 1L]);
        _graph.Initializer.Add(tensor);
        AddInput(input);
        var node = new NodeProto { OpType = "Add", Name = SkipNorms.Unused(_names, $"{input}/Add") };
        node.Input.AddRange([value, input]);
        node.Output.Add(SkipNorms.Unused(_names, point.ToString()));
        return node;
    }

    private void AddInput(string name)
    {
        var shape = new TensorShapeProto();
        foreach (string axis in (string[])["batch", "length", "width"])
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = $"{name}.{axis}" });
        }

        _graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)_type, Shape = shape } } });
    }
}
