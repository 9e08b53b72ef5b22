using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>Has a graph compute attention over a KV cache with the operator of ours, where it would with <c>GroupQueryAttention</c>.</summary>
internal static class AttentionNodes
{
    private const string ReplacedType = "GroupQueryAttention";
    private const string WindowAttribute = "local_window_size";
    private const string RotatesAttribute = "do_rotary";
    private const string SmoothAttribute = "smooth_softmax";

    // Any other attribute, with another value than that of a node without it, is a kind of attention that is left to ONNX Runtime.
    private static readonly string[] Known =
        [AttentionOperator.HeadsName, AttentionOperator.KvHeadsName, AttentionOperator.ScaleName, AttentionOperator.SoftcapName, WindowAttribute, RotatesAttribute];

    /// <summary>Changes the graph of a session on the CPU.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <returns>True where it has nodes of <see cref="AttentionOperator"/> now.</returns>
    public static bool Apply(ModelProto model, int threads)
    {
        var view = new GraphView(model.Graph);
        NodeProto[] nodes = [.. model.Graph.Node.Where(node => Takes(view, node))];
        foreach (NodeProto node in nodes)
        {
            Replace(node, threads);
        }

        if (nodes.Length > 0)
        {
            KernelDomain.Import(model);
        }

        return nodes.Length > 0;
    }

    /// <summary>Whether every attention of a shard's graph becomes one of ours, so that none keeps its scores.</summary>
    public static bool TakesAll(GraphView view)
    {
        NodeProto[] nodes = [.. view.Graph.Node.Where(node => node.OpType.EndsWith("Attention", StringComparison.Ordinal))];
        return nodes.Length > 0 ? Array.TrueForAll(nodes, node => Takes(view, node)) : !view.Graph.Node.Any(node => node.OpType == "Softmax");
    }

    private static bool Takes(GraphView view, NodeProto node) =>
        KernelDomain.IsSupported
        && node is { OpType: ReplacedType, Domain: GraphBuilder.MicrosoftDomain }
        && HasInputs(node)
        && view.ElementTypeOf(node.Input[AttentionOperator.PastKey]) == ElementType.Float
        && node.Output.Count == AttentionOperator.Outputs && node.Output.All(output => output.Length > 0)
        && node.Attribute.All(attribute => Known.Contains(attribute.Name) || IsOff(attribute))
        && Integer(node, AttentionOperator.KvHeadsName) > 0
        && Integer(node, AttentionOperator.HeadsName) % Integer(node, AttentionOperator.KvHeadsName) == 0;

    private static bool HasInputs(NodeProto node) =>
        Enumerable.Range(0, Math.Max(node.Input.Count, AttentionOperator.Inputs)).All(i => NodeInputs.Has(node, i) is var given && i switch
        {
            AttentionOperator.Key or AttentionOperator.Value => given == NodeInputs.Has(node, AttentionOperator.Key),
            AttentionOperator.Cos or AttentionOperator.Sin => given || Integer(node, RotatesAttribute) == 0,
            AttentionOperator.Bias => true,
            <= AttentionOperator.TotalLength => given,
            _ => !given,
        });

    /// <summary>Whether an attribute says what holds without it.</summary>
    private static bool IsOff(AttributeProto attribute) => attribute.Type switch
    {
        AttributeProto.Types.AttributeType.Int => attribute.I == 0 || (attribute.Name == SmoothAttribute && attribute.I == -1),
        AttributeProto.Types.AttributeType.String => attribute.S.ToStringUtf8() == "NONE",
        _ => false,
    };

    private static void Replace(NodeProto node, int threads)
    {
        bool rotates = Integer(node, RotatesAttribute) == 1;
        AttributeProto[] attributes =
        [
            Attributes.Int(AttentionOperator.HeadsName, Integer(node, AttentionOperator.HeadsName)),
            Attributes.Int(AttentionOperator.KvHeadsName, Integer(node, AttentionOperator.KvHeadsName)),
            Attributes.Float(AttentionOperator.ScaleName, Single(node, AttentionOperator.ScaleName)),
            Attributes.Float(AttentionOperator.SoftcapName, Single(node, AttentionOperator.SoftcapName)),
            Attributes.Int(AttentionOperator.WindowName, Math.Max(0, Integer(node, WindowAttribute))),
            Attributes.Int(AttentionOperator.RotatesName, rotates ? 1 : 0),
            Attributes.Int(AttentionOperator.PackedName, NodeInputs.Has(node, AttentionOperator.Key) ? 0 : 1),
            Attributes.Int(AttentionOperator.BiasName, NodeInputs.Has(node, AttentionOperator.Bias) ? 1 : 0),
            Attributes.Int(AttentionOperator.ThreadsName, threads),
        ];
        node.Domain = KernelDomain.Name;
        node.OpType = AttentionOperator.TypeName;
        node.Attribute.Clear();
        node.Attribute.Add(attributes);
        while (node.Input.Count > AttentionOperator.Inputs || node.Input[^1].Length == 0)
        {
            node.Input.RemoveAt(node.Input.Count - 1);
        }
    }

    private static long Integer(NodeProto node, string name) => NodeAttributes.Int(node, name) ?? 0;

    private static float Single(NodeProto node, string name) => NodeAttributes.Float(node, name) ?? 0;
}
