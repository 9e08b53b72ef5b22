using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>What nodes are, by operator and by which of their inputs are constant. Names of nodes and values decide nothing.</summary>
internal static class Nodes
{
    private static readonly HashSet<string> PlainNorms = ["SimplifiedLayerNormalization", "RMSNormalization", "LayerNormalization"];
    private static readonly HashSet<string> Products = ["MatMul", "FusedMatMul", "Gemm", "MatMulNBits", "MatMulInteger", "MatMulFpQ4", "MatMulBnb4", "Einsum"];
    private static readonly HashSet<string> Experts = ["MoE", "QMoE"];
    private static readonly HashSet<string> Attentions =
    [
        "GroupQueryAttention", "MultiHeadAttention", "Attention", "DecoderMaskedMultiHeadAttention", "DecoderMaskedSelfAttention", "PagedAttention",
        "SparseAttention",
    ];

    private static readonly HashSet<string> Embeddings = ["Gather", "GatherBlockQuantized"];

    /// <summary>Norms its first input over the last axis.</summary>
    public static bool IsPlainNorm(NodeProto node) => PlainNorms.Contains(node.OpType);

    /// <summary>Attention as one operator.</summary>
    public static bool IsAttention(NodeProto node) => Attentions.Contains(node.OpType);

    /// <summary>Rows of a constant table by id.</summary>
    public static bool IsEmbedding(NodeProto node, GraphView view) => Embeddings.Contains(node.OpType) && view.IsConstant(node.Input[0]);

    /// <summary>Adds two values that both change from run to run.</summary>
    public static bool IsSum(NodeProto node, GraphView view) =>
        node.OpType is "Add" or "Sum" && node.Input.Count == 2 && node.Input.All(input => input.Length > 0 && !view.IsConstant(input));

    /// <summary>A learnt linear map, or a set of experts: the input that carries the data, or −1 where the node is none.</summary>
    public static int LinearInput(NodeProto node, GraphView view)
    {
        if (Experts.Contains(node.OpType))
        {
            return node.Input.Count > 2 && view.IsConstant(node.Input[2]) ? 0 : -1;
        }

        if (node.OpType == "Attention" && node.Domain == GraphBuilder.MicrosoftDomain)
        {
            return node.Input.Count > 1 && view.IsConstant(node.Input[1]) ? 0 : -1; // It holds the projections of q, k and v.
        }

        if (!Products.Contains(node.OpType) || node.Input.Count < 2)
        {
            return -1;
        }

        bool first = view.IsConstant(node.Input[0]);
        bool second = view.IsConstant(node.Input[1]);
        return (first, second) switch
        {
            (false, true) => 0,
            (true, false) when node.OpType is "MatMul" or "FusedMatMul" or "Gemm" or "Einsum" => 1,
            _ => -1,
        };
    }

    /// <summary>A product of two values that both change from run to run, as attention has.</summary>
    public static bool IsDataProduct(NodeProto node, GraphView view) =>
        node.OpType is "MatMul" or "FusedMatMul" or "Einsum" && node.Input.Count == 2 && !node.Input.Any(view.IsConstant);

    /// <summary>An operator of the standard's own set.</summary>
    public static bool IsStandard(NodeProto node) => node.Domain.Length is 0 || node.Domain == "ai.onnx";

    /// <summary>An operator of neither the standard's nor ONNX Runtime's sets, whose work is not known.</summary>
    public static bool IsForeign(NodeProto node) => !IsStandard(node) && !node.Domain.StartsWith(GraphBuilder.MicrosoftDomain, StringComparison.Ordinal);

    /// <summary>Names the operator and the node, for messages.</summary>
    public static string Describe(NodeProto node) => $"{Operator(node)}{(node.Name.Length == 0 ? "" : $" '{node.Name}'")}";

    /// <summary>Names the operators of nodes, each once, for messages.</summary>
    public static string Operators(IEnumerable<NodeProto> nodes) => string.Join(", ", nodes.Select(Operator).Distinct());

    private static string Operator(NodeProto node) => $"{(IsStandard(node) ? "" : node.Domain + ".")}{node.OpType}";
}
