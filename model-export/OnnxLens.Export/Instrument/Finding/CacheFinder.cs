using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Finds the keys and values that each layer's attention keeps, and how it adds the new ones to them.</summary>
internal sealed class CacheFinder(DataFlow flow, ResidualStream stream)
{
    private GraphView View => flow.View;

    /// <summary>Finds the cache of every layer.</summary>
    /// <returns>How it grows, and its ports by layer, none where the graph keeps nothing.</returns>
    /// <exception cref="UnsupportedArchitectureException">A layer lacks its pair, an input is left over, or layers differ.</exception>
    public (CacheKind Kind, ImmutableArray<LayerCachePorts> Layers) Find()
    {
        var layers = ImmutableArray.CreateBuilder<LayerCachePorts>();
        for (int layer = 0; layer < stream.Layers.Length; layer++)
        {
            if (OfLayer(layer) is LayerCachePorts ports)
            {
                layers.Add(ports);
            }
        }

        if (layers.Count != 0 && layers.Count != stream.Layers.Length)
        {
            throw new UnsupportedArchitectureException(
                $"{layers.Count} of {stream.Layers.Length} layers keep keys and values. Expected all of them, or none: layers with another kind of state are not supported.");
        }

        string[] left = [.. Floats().Except(layers.SelectMany(ports => ports.Both).Select(port => port.Past))];
        if (left.Length > 0)
        {
            throw new UnsupportedArchitectureException(
                $"The graph keeps {Floats().Length} states in its inputs, of which {left.Length} belong to no attention between the embedding and the norm that the LM head reads: {string.Join(", ", left.Take(4))}. Expected one pair of keys and values for each of the {stream.Layers.Length} layers found. The head may hang on a norm before the last one.");
        }

        CacheKind[] kinds = [.. layers.SelectMany(ports => ports.Both).Select(port => KindOf(port.Node)).Distinct()];
        return kinds.Length <= 1
            ? (kinds.Length == 0 ? CacheKind.None : kinds[0], layers.ToImmutable())
            : throw new UnsupportedArchitectureException($"The layers keep their keys and values in different ways ({string.Join(", ", kinds)}). Expected one way for all.");
    }

    private static CacheKind KindOf(NodeProto node) => node.OpType switch
    {
        "GroupQueryAttention" => CacheKind.Shared,
        "TensorScatter" => CacheKind.Scattered,
        _ => CacheKind.Growing,
    };

    /// <summary>The graph's inputs of real numbers with three axes or more, but for that of the embeddings.</summary>
    private string[] Floats() =>
    [
        .. View.Graph.Input.Select(input => input.Name).Where(name =>
            !View.IsInitializer(name) && name != stream.TokenInput
            && View.ElementTypeOf(name) is ElementType.Float or ElementType.Float16 or ElementType.BFloat16 or ElementType.Double or ElementType.UInt8 or ElementType.Int8
            && View.TypeOf(name)?.TensorType?.Shape?.Dim.Count is null or >= 3),
    ];

    private LayerCachePorts? OfLayer(int layer)
    {
        Sublayer attention = stream.Layers[layer].Attention;
        HashSet<string> states = [.. Floats()];
        var keys = new List<CachePort>();
        var values = new List<CachePort>();
        foreach (NodeProto node in attention.Nodes)
        {
            for (int input = 0; input < node.Input.Count; input++)
            {
                string past = flow.Behind(node.Input[input]);
                if (states.Contains(past) && !DataFlow.IsShapeReader(node))
                {
                    (int output, bool isKey) = PlaceOf(node, input, attention, layer, past);
                    (isKey ? keys : values).Add(new CachePort(past, PresentOf(node.Output[output], layer, past), node));
                }
            }
        }

        return (keys.Count, values.Count) switch
        {
            (0, 0) => null,
            (1, 1) => new LayerCachePorts(keys[0], values[0]),
            _ => throw new UnsupportedArchitectureException(
                $"Layer {layer}: its attention keeps {keys.Count} key and {values.Count} value tensors ({string.Join(", ", keys.Concat(values).Select(port => port.Past))}), where one of each was expected."),
        };
    }

    /// <summary>Which output of a node continues the state that it reads, and whether that state is keys.</summary>
    private (int Output, bool IsKey) PlaceOf(NodeProto node, int input, Sublayer attention, int layer, string past) => (node.OpType, input) switch
    {
        ("GroupQueryAttention", 3) or ("MultiHeadAttention", 6) => (1, true),
        ("GroupQueryAttention", 4) or ("MultiHeadAttention", 7) => (2, false),
        ("Attention", 4) when Nodes.IsStandard(node) => (1, true),
        ("Attention", 5) when Nodes.IsStandard(node) => (2, false),
        ("Concat", 0) or ("TensorScatter", 0) => (0, IsKey(node.Output[0], attention)),
        _ => throw new UnsupportedArchitectureException(
            $"Layer {layer}: the state '{past}' is input {input} of {Nodes.Describe(node)}, which is no known way to keep keys and values. Known are attention operators with a past, Concat and TensorScatter."),
    };

    /// <summary>Keys meet the queries before the softmax; values reach what is added without passing it.</summary>
    private bool IsKey(string value, Sublayer attention)
    {
        foreach (NodeProto node in attention.Nodes.Where(Nodes.IsAttention))
        {
            if (node.Input.Count > 2 && (Leads(value, node.Input[1]) || Leads(value, node.Input[2])))
            {
                return Leads(value, node.Input[1]);
            }
        }

        HashSet<string> stops = [.. attention.Nodes.Where(node => node.OpType == "Softmax").Select(node => node.Output[0])];
        return !flow.Ancestors(attention.Contribution, stops).Any(node => !DataFlow.IsShapeReader(node) && View.Reads(node).Contains(value));
    }

    private bool Leads(string from, string to) => from == to || flow.DependsOn(to, from);

    private string PresentOf(string value, int layer, string past) =>
        View.Graph.Output.Select(output => output.Name).FirstOrDefault(output => flow.Behind(output) == flow.Behind(value))
        ?? throw new UnsupportedArchitectureException($"Layer {layer}: the state '{past}' is read, but its continuation '{value}' is no output of the graph, so it cannot be kept from step to step.");
}
