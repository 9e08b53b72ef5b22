using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>x / sqrt(mean(x²) + ε) · weight over the last axis, the mean in single precision.</summary>
internal static class RmsNorm
{
    public static Value Emit(GraphContext context, Value input, string weight, string scope, string? output = null)
    {
        using IDisposable _ = context.Graph.Scope(scope);
        return context.Graph.Node(
            "SimplifiedLayerNormalization",
            [input, context.Weights.Get(weight)],
            input.Type,
            input.Shape,
            output,
            attributes:
            [
                Attributes.Int("axis", -1),
                Attributes.Float("epsilon", context.Architecture.RmsNormEpsilon),
                Attributes.Int("stash_type", 1),
            ]);
    }
}
