using System.Globalization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime;

/// <summary>
/// Turns the attention of a shard's graph into one that can run many continuations of one prefix as rows of one sequence: positions
/// are an input, and so is a bias that says which keys a row sees. The weights are the same.
/// </summary>
/// <remarks>
/// Each GroupQueryAttention loses its own rotation, for which q and k are rotated before it by the positions given, and its window,
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

    /// <summary>Edits the graph in place.</summary>
    /// <param name="model">The shard's graph.</param>
    /// <param name="positionIds">The graph's own input of positions, or null where it has none.</param>
    /// <param name="type">Element type of the activations.</param>
    /// <returns>The ports, or null where the attention has no such form; the graph is then as it was.</returns>
    public static BranchPorts? Apply(ModelProto model, string? positionIds, ElementType type)
    {
        GraphProto graph = model.Graph;
        NodeProto[] attentions = [.. graph.Node.Where(node => node.OpType == Attention && node.Domain == GraphBuilder.MicrosoftDomain)];
        if (attentions.Length == 0 || !Array.TrueForAll(attentions, CanBranch))
        {
            return null;
        }

        string positions = positionIds ?? AddedInputs.Declare(graph, PositionsName, ElementType.Int64, 2);
        var biases = new List<BranchBias>();
        foreach (NodeProto node in attentions)
        {
            if (Flag(node, "do_rotary"))
            {
                int at = graph.Node.IndexOf(node);
                graph.Node.Insert(at, Rotate(node, 0, "num_heads", positions));
                graph.Node.Insert(at + 1, Rotate(node, 1, "kv_num_heads", positions));
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

    /// <summary>Separate q, k and v, tables for the rotation, and no bias of its own.</summary>
    private static bool CanBranch(NodeProto node) =>
        node.Input.Count > 6
        && node.Input[1].Length > 0
        && (!Flag(node, "do_rotary") || (node.Input.Count > SinInput && node.Input[CosInput].Length > 0))
        && (node.Input.Count <= BiasInput || node.Input[BiasInput].Length == 0);

    private static NodeProto Rotate(NodeProto attention, int input, string heads, string positions)
    {
        string value = attention.Input[input];
        string rotated = $"{value}/rotated_for/{attention.Output[0]}";
        var node = new NodeProto { OpType = "RotaryEmbedding", Domain = GraphBuilder.MicrosoftDomain, Name = rotated + "/RotaryEmbedding" };
        node.Input.AddRange([value, positions, attention.Input[CosInput], attention.Input[SinInput]]);
        node.Output.Add(rotated);
        node.Attribute.Add(Attributes.Int("interleaved", Flag(attention, "rotary_interleaved") ? 1 : 0));
        node.Attribute.Add(Attributes.Int("num_heads", attention.Attribute.First(attribute => attribute.Name == heads).I));
        attention.Input[input] = rotated;
        return node;
    }

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
        node.Attribute.FirstOrDefault(attribute => attribute.Name == "local_window_size")?.I is long size and > 0 ? (int)size : null;

    private static bool Flag(NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I == 1;

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
