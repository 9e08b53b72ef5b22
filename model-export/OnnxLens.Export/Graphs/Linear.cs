using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// x · Wᵀ (+ bias) with the weight as a checkpoint holds it, [out, in]: a transposed copy would double the memory.
/// </summary>
internal static class Linear
{
    /// <summary>Emits a projection of the block, <c>{name}.weight</c> and, where <paramref name="bias"/> says so, <c>{name}.bias</c>.</summary>
    public static Value Emit(GraphContext context, Value input, string name, bool bias, string scope, string? output = null) =>
        Emit(context, input, name + ".weight", bias ? name + ".bias" : null, scope, output);

    /// <summary>Emits x · Wᵀ (+ bias).</summary>
    /// <param name="context">The graph.</param>
    /// <param name="input">T [.., in].</param>
    /// <param name="weightName">The weight in the checkpoint, [out, in].</param>
    /// <param name="biasName">The bias in the checkpoint, [out]; null where there is none.</param>
    /// <param name="scope">The projection's name within the graph's scopes.</param>
    /// <param name="output">Name of the result, or null.</param>
    public static Value Emit(GraphContext context, Value input, string weightName, string? biasName, string scope, string? output = null)
    {
        GraphBuilder graph = context.Graph;
        using IDisposable _ = graph.Scope(scope);
        Value weight = context.Weights.Get(weightName);
        TensorShape shape = input.Shape.WithLast(weight.Shape[0]);
        Value product = graph.Node(
            "com.microsoft:FusedMatMul",
            [input, weight],
            input.Type,
            shape,
            biasName is null ? output : null,
            "MatMul",
            Attributes.Int("transB", 1));
        return biasName is null
            ? product
            : graph.Node("Add", [product, context.Weights.Get(biasName)], input.Type, shape, output);
    }
}
