using OnnxLens.Export.Quantization;
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
        string? name = biasName is null ? output : null;
        Value product = context.Weights.Quantized(weightName) is { } quantized
            ? EmitQuantized(context, input, quantized, name)
            : EmitPlain(context, input, weightName, name);
        return biasName is null
            ? product
            : graph.Node("Add", [product, context.Weights.Get(biasName)], input.Type, product.Shape, output);
    }

    private static Value EmitPlain(GraphContext context, Value input, string weightName, string? output)
    {
        Value weight = context.Weights.Get(weightName);
        return context.Graph.Node(
            "com.microsoft:FusedMatMul", [input, weight], input.Type, input.Shape.WithLast(weight.Shape[0]), output, "MatMul", Attributes.Int("transB", 1));
    }

    private static Value EmitQuantized(GraphContext context, Value input, QuantizedTensor weight, string? output)
    {
        (Value data, Value scales, Value? zeroPoints) = context.Weights.Parts(weight, byBlock: true);
        Value?[] inputs = zeroPoints is null ? [input, data, scales] : [input, data, scales, zeroPoints];
        return context.Graph.Node(
            "com.microsoft:MatMulNBits",
            inputs,
            input.Type,
            input.Shape.WithLast(weight.Rows),
            output,
            attributes:
            [
                Attributes.Int("K", weight.Columns),
                Attributes.Int("N", weight.Rows),
                Attributes.Int("bits", weight.Form.Bits),
                Attributes.Int("block_size", weight.Form.BlockSize),
                Attributes.Int("accuracy_level", weight.Form.AccuracyLevel),
            ]);
    }
}
