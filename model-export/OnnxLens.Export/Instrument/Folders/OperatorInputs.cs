using System.Collections.Frozen;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Holds that nodes have the inputs without which their operators mean nothing, so that what is said of a graph later is said of its structure.</summary>
internal static class OperatorInputs
{
    /// <summary>How many first inputs an operator must have. Attention operators may leave out some between.</summary>
    private static readonly FrozenDictionary<string, int> Needed = new Dictionary<string, int>
    {
        ["Add"] = 2,
        ["Cast"] = 1,
        ["Clip"] = 1,
        ["Concat"] = 1,
        ["DequantizeLinear"] = 2,
        ["Div"] = 2,
        ["DynamicQuantizeLinear"] = 1,
        ["Einsum"] = 1,
        ["Expand"] = 2,
        ["Flatten"] = 1,
        ["FusedMatMul"] = 2,
        ["Gather"] = 2,
        ["GatherBlockQuantized"] = 3,
        ["GatherElements"] = 2,
        ["GatherND"] = 2,
        ["Gemm"] = 2,
        ["GroupQueryAttention"] = 1,
        ["Identity"] = 1,
        ["LayerNormalization"] = 2,
        ["MatMul"] = 2,
        ["MatMulInteger"] = 2,
        ["MatMulNBits"] = 3,
        ["Mul"] = 2,
        ["MultiHeadAttention"] = 1,
        ["Pow"] = 2,
        ["QuantizeLinear"] = 2,
        ["ReduceL2"] = 1,
        ["ReduceMean"] = 1,
        ["ReduceSum"] = 1,
        ["ReduceSumSquare"] = 1,
        ["RMSNormalization"] = 2,
        ["Reciprocal"] = 1,
        ["Reshape"] = 2,
        ["RotaryEmbedding"] = 3,
        ["Shape"] = 1,
        ["SimplifiedLayerNormalization"] = 2,
        ["Size"] = 1,
        ["SkipLayerNormalization"] = 3,
        ["SkipSimplifiedLayerNormalization"] = 3,
        ["Slice"] = 1,
        ["Softmax"] = 1,
        ["Split"] = 1,
        ["Sqrt"] = 1,
        ["Squeeze"] = 1,
        ["Sub"] = 2,
        ["Tanh"] = 1,
        ["TensorScatter"] = 2,
        ["Tile"] = 2,
        ["Transpose"] = 1,
        ["Unsqueeze"] = 1,
    }.ToFrozenDictionary();

    /// <summary>Checks.</summary>
    /// <exception cref="OnnxFormatException">A node lacks an input, or has no output.</exception>
    public static void Require(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node)
        {
            int there = node.Input.TakeWhile(input => input.Length > 0).Count();
            if (Needed.TryGetValue(node.OpType, out int needed) && there < needed)
            {
                throw new OnnxFormatException($"The node {Nodes.Describe(node)} has {there} inputs, where at least {needed} were expected. The graph is damaged: export it again.");
            }

            if (!node.Output.Any(output => output.Length > 0) || (Needed.ContainsKey(node.OpType) && node.Output[0].Length == 0))
            {
                throw new OnnxFormatException($"The node {Nodes.Describe(node)} makes no value. The graph is damaged: export it again.");
            }
        }
    }
}
