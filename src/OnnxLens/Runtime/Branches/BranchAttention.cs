using System.Globalization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Branches;

/// <summary>
/// Turns the attention of a shard's graph into one that can run many continuations of one prefix as rows of one sequence: positions
/// are an input, and so is a bias that says which keys a row sees. The weights are the same.
/// </summary>
/// <remarks>
/// Each GroupQueryAttention gets q, k and v apart where they came as one, and loses its own rotation, for which q and k are rotated before it by the positions given, and its window,
/// which the bias expresses. It stays causal by index. With a bias of zeros it computes what it did before, to the last bits but one.
/// </remarks>
internal static class BranchAttention
{
    private const string Attention = "GroupQueryAttention";
    private const string PositionsName = "onnxlens.branch.position_ids";
    private const string BiasName = "onnxlens.branch.attention_bias";
    private const int CosInput = 7;
    private const int SinInput = 8;
    private const int BiasInput = 10;
    private const int NormInput = 14;

    /// <summary>Edits the graph in place.</summary>
    /// <param name="model">The shard's graph.</param>
    /// <param name="positionIds">The graph's own input of positions, or null where it has none.</param>
    /// <param name="headDim">Width of a head.</param>
    /// <param name="type">Element type of the activations.</param>
    /// <returns>The ports, or null where the attention has no such form; the graph is then as it was.</returns>
    public static BranchPorts? Apply(ModelProto model, string? positionIds, int headDim, ElementType type)
    {
        GraphProto graph = model.Graph;
        NodeProto[] attentions = [.. graph.Node.Where(node => node.OpType == Attention && node.Domain == GraphBuilder.MicrosoftDomain)];
        if (attentions.Length == 0 || !Array.TrueForAll(attentions, node => CanBranch(graph, node)))
        {
            return null;
        }

        string positions = positionIds ?? AddedInputs.Declare(graph, PositionsName, ElementType.Int64, 2);
        var biases = new List<BranchBias>();
        foreach (NodeProto node in attentions)
        {
            if (node.Input[1].Length == 0)
            {
                Unpack(graph, node, headDim);
            }

            if (Flag(node, "do_rotary"))
            {
                int at = graph.Node.IndexOf(node);
                int width = 2 * (int)TableWidth(graph, node)!;
                int part = width == headDim ? 0 : width;
                graph.Node.Insert(at, Rotate(node, 0, "num_heads", part, positions));
                graph.Node.Insert(at + 1, Rotate(node, 1, "kv_num_heads", part, positions));
                Set(node, "do_rotary", 0);
                (node.Input[CosInput], node.Input[SinInput]) = ("", "");
            }

            BranchBias bias = BiasOf(graph, biases, Window(node), type);
            Set(node, "local_window_size", -1);
            while (node.Input.Count <= BiasInput)
            {
                node.Input.Add("");
            }

            node.Input[BiasInput] = bias.Input;
        }

        return new BranchPorts(positions, [.. biases]);
    }

    /// <summary>Tables of known size for the rotation, no norm of heads within, and no bias of its own.</summary>
    private static bool CanBranch(GraphProto graph, NodeProto node) =>
        node.Input.Count > 6
        && !Flag(node, "sliding_window_cache") // A cache that wraps has no place behind the prefix.
        && (!Flag(node, "do_rotary") || TableWidth(graph, node) is not null)
        && node.Input.Skip(NormInput).All(input => input.Length == 0)
        && (node.Input.Count <= BiasInput || node.Input[BiasInput].Length == 0);

    /// <summary>Pairs of values that the rotation turns, by the width of its tables; null where they are not in the graph.</summary>
    private static long? TableWidth(GraphProto graph, NodeProto node) =>
        node.Input.Count > SinInput && graph.Initializer.FirstOrDefault(tensor => tensor.Name == node.Input[CosInput]) is { Dims: [_, long width] } ? width : null;

    /// <summary>Takes q, k and v apart that come as one value, side by side.</summary>
    private static void Unpack(GraphProto graph, NodeProto attention, int headDim)
    {
        string packed = attention.Input[0];
        string name = $"{packed}/unpacked_for/{attention.Output[0]}";
        long keys = Heads(attention, "kv_num_heads") * headDim;
        var sizes = new TensorProto { Name = name + "/sizes", DataType = (int)ElementType.Int64 };
        sizes.Dims.Add(3);
        sizes.Int64Data.AddRange([Heads(attention, "num_heads") * headDim, keys, keys]);
        graph.Initializer.Add(sizes);
        var split = new NodeProto { OpType = "Split", Name = name + "/Split" };
        split.Input.AddRange([packed, sizes.Name]);
        split.Output.AddRange([name + "/query", name + "/key", name + "/value"]);
        split.Attribute.Add(Attributes.Int("axis", -1));
        graph.Node.Insert(graph.Node.IndexOf(attention), split);
        for (int i = 0; i < split.Output.Count; i++)
        {
            attention.Input[i] = split.Output[i];
        }
    }

    private static NodeProto Rotate(NodeProto attention, int input, string heads, int part, string positions)
    {
        string value = attention.Input[input];
        string rotated = $"{value}/rotated_for/{attention.Output[0]}";
        var node = new NodeProto { OpType = "RotaryEmbedding", Domain = GraphBuilder.MicrosoftDomain, Name = rotated + "/RotaryEmbedding" };
        node.Input.AddRange([value, positions, attention.Input[CosInput], attention.Input[SinInput]]);
        node.Output.Add(rotated);
        node.Attribute.Add(Attributes.Int("interleaved", Flag(attention, "rotary_interleaved") ? 1 : 0));
        node.Attribute.Add(Attributes.Int("num_heads", Heads(attention, heads)));
        node.Attribute.Add(Attributes.Int("rotary_embedding_dim", part));
        attention.Input[input] = rotated;
        return node;
    }

    private static long Heads(NodeProto attention, string name) => attention.Attribute.First(attribute => attribute.Name == name).I;

    private static BranchBias BiasOf(GraphProto graph, List<BranchBias> biases, int? window, ElementType type)
    {
        BranchBias? known = biases.Find(bias => bias.Window == window);
        if (known is null)
        {
            string name = window is null ? BiasName : string.Create(CultureInfo.InvariantCulture, $"{BiasName}.{window}");
            biases.Add(known = new BranchBias(AddedInputs.Declare(graph, name, type, 4), window));
        }

        return known;
    }

    private static int? Window(NodeProto node) =>
        NodeAttributes.Int(node, "local_window_size") is long size and > 0 ? (int)size : null;

    private static bool Flag(NodeProto node, string name) => NodeAttributes.Int(node, name) == 1;

    private static void Set(NodeProto node, string name, long value)
    {
        AttributeProto? attribute = node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
        if (attribute is null)
        {
            node.Attribute.Add(Attributes.Int(name, value));
        }
        else
        {
            attribute.I = value;
        }
    }
}
