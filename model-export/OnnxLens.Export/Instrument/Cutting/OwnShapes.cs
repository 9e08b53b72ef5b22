using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>
/// Makes a piece of a graph read shapes off its own values. Exporters take lengths from whatever tensor is at hand, most often of the
/// first layer; a later piece has others of the same shape.
/// </summary>
internal sealed class OwnShapes
{
    private const int ShapeHasRange = 15;

    private readonly Anatomy _anatomy;
    private readonly int _first;
    private readonly string _hidden;
    private readonly HashSet<string> _stream;
    private readonly Dictionary<string, string> _twins = new(StringComparer.Ordinal);

    private OwnShapes(Anatomy anatomy, ImmutableDictionary<HookPoint, string> sites, int first, string hidden)
    {
        (_anatomy, _first, _hidden) = (anatomy, first, hidden);
        _stream = [.. sites.Where(site => site.Key.Layer < first).Select(site => site.Value)];
        _stream.UnionWith(anatomy.Sites().Where(site => site.Point.Layer < first).Select(site => site.Value));
        _stream.UnionWith(anatomy.Flow.Ancestors(anatomy.Stream.Start).Where(IsOfTokens).Select(node => node.Output[0]));
        _stream.Remove(hidden);
        if (first < anatomy.Layers)
        {
            AddCaches();
            AddBlocks();
        }
    }

    /// <summary>Points the nodes that read shapes of what lies before a layer to what the piece has.</summary>
    /// <param name="piece">The piece, edited in place; its nodes before the layer are still there.</param>
    /// <param name="anatomy">What was found in the graph.</param>
    /// <param name="sites">The values of the sites in it.</param>
    /// <param name="first">The piece's first layer; the number of layers for the LM head.</param>
    /// <param name="hidden">The residual stream that the piece is given.</param>
    public static void Use(ModelProto piece, Anatomy anatomy, ImmutableDictionary<HookPoint, string> sites, int first, string hidden)
    {
        var own = new OwnShapes(anatomy, sites, first, hidden);
        var flow = new DataFlow(new GraphView(piece.Graph));
        long opset = OpsetFit.VersionOf(piece);
        foreach (NodeProto node in piece.Graph.Node.Where(DataFlow.IsShapeReader).ToArray())
        {
            own.Point(piece.Graph, node, flow.Behind(node.Input[0]), opset);
        }
    }

    private bool IsOfTokens(NodeProto node) =>
        Nodes.IsEmbedding(node, _anatomy.Flow.View) && _anatomy.Flow.Behind(node.Input[1]) == _anatomy.Stream.TokenInput;

    /// <summary>Cache ports of earlier layers, and those of the piece's first one that have the same shape.</summary>
    private void AddCaches()
    {
        for (int layer = 0; layer < _first && !_anatomy.Cache.IsEmpty; layer++)
        {
            (LayerCachePorts other, LayerCachePorts mine) = (_anatomy.Cache[layer], _anatomy.Cache[_first]);
            _twins[other.Key.Past] = mine.Key.Past;
            _twins[other.Value.Past] = mine.Value.Past;
            _twins[_anatomy.Flow.Behind(other.Key.Present)] = mine.Key.Present;
            _twins[_anatomy.Flow.Behind(other.Value.Present)] = mine.Value.Present;
        }
    }

    /// <summary>Values inside earlier blocks that are built of the same operators as the piece's first one, and those in the same place there.</summary>
    private void AddBlocks()
    {
        (Sublayer attention, Sublayer mlp) = _anatomy.Stream.Layers[_first];
        foreach ((Sublayer otherAttention, Sublayer otherMlp) in _anatomy.Stream.Layers.Take(_first))
        {
            foreach ((Sublayer other, Sublayer mine) in ((Sublayer, Sublayer)[])[(otherAttention, attention), (otherMlp, mlp)])
            {
                (NodeProto[] others, NodeProto[] own) = (Making(other), Making(mine));
                if (others.Select(node => node.OpType).SequenceEqual(own.Select(node => node.OpType)))
                {
                    AddTwins(others.SelectMany(node => node.Output), own.SelectMany(node => node.Output));
                }
            }
        }
    }

    /// <summary>The nodes of a sublayer that are no copies or conversions, of which each layer may have others.</summary>
    private NodeProto[] Making(Sublayer sublayer) => [.. sublayer.Nodes.Where(node => node.Output.All(output => _anatomy.Flow.Behind(output) == output))];

    private void AddTwins(IEnumerable<string> others, IEnumerable<string> mine)
    {
        foreach ((string value, string twin) in others.Zip(mine).Where(pair => pair.First.Length > 0 && pair.Second.Length > 0))
        {
            _twins.TryAdd(value, twin);
        }
    }

    private void Point(GraphProto graph, NodeProto node, string read, long opset)
    {
        if (_stream.Contains(read) || (read == _anatomy.Stream.TokenInput && !_anatomy.Stream.HasEmbedding))
        {
            node.Input[0] = _hidden;
        }
        else if (_twins.TryGetValue(read, out string? same))
        {
            node.Input[0] = same;
        }
        else if (read == _anatomy.Stream.TokenInput && node.OpType == "Shape")
        {
            ReadBatchAndLength(graph, node, opset);
        }
    }

    /// <summary>Token ids are [B,S], the residual stream [B,S,H]: the first two sizes are the same.</summary>
    private void ReadBatchAndLength(GraphProto graph, NodeProto node, long opset)
    {
        node.Input[0] = _hidden;
        if (opset >= OpsetFit.ShapeHasRange)
        {
            Range(node);
            return;
        }

        OpsetFit.SliceShape(graph, node, "/of_residual", 0, 2);
    }

    private static void Range(NodeProto node)
    {
        AttributeProto? start = node.Attribute.FirstOrDefault(attribute => attribute.Name == "start");
        AttributeProto? end = node.Attribute.FirstOrDefault(attribute => attribute.Name == "end");
        if (start is { I: < 0 })
        {
            start.I = Math.Max(0, start.I + 2);
        }

        long until = end is null ? 2 : Math.Min(2, end.I < 0 ? end.I + 2 : end.I);
        if (end is null)
        {
            node.Attribute.Add(Attributes.Int("end", until));
        }
        else
        {
            end.I = until;
        }
    }
}
