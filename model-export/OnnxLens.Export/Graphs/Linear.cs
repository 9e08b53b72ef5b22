using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// x · Wᵀ (+ bias) with the weight as a checkpoint holds it, [out, in]: a transposed copy would double the memory.
/// </summary>
internal static class Linear
{
    /// <param name="context">The graph.</param>
    /// <param name="input">T [.., in].</param>
    /// <param name="name">The projection in the checkpoint: its weight is <c>{name}.weight</c>, its bias <c>{name}.bias</c>.</param>
    /// <param name="bias">True where it has a bias.</param>
    /// <param name="scope">The projection's name within the graph's scopes.</param>
    /// <param name="output">Name of the result, or null.</param>
    public static Value Emit(GraphContext context, Value input, string name, bool bias, string scope, string? output = null)
    {
        GraphBuilder graph = context.Graph;
        using IDisposable _ = graph.Scope(scope);
        Value weight = context.Weights.Get(name + ".weight");
        TensorShape shape = input.Shape.WithLast(weight.Shape[0]);
        Value product = graph.Node(
            "com.microsoft:FusedMatMul",
            [input, weight],
            input.Type,
            shape,
            bias ? null : output,
            "MatMul",
            Attributes.Int("transB", 1));
        return bias ? graph.Node("Add", [product, context.Weights.Get(name + ".bias")], input.Type, shape, output) : product;
    }
}
