using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>down(silu(gate(x)) · up(x)), silu(x) = x · sigmoid(x).</summary>
internal static class Mlp
{
    public static Value Emit(GraphContext context, Value input, string prefix, string output)
    {
        GraphBuilder graph = context.Graph;
        using IDisposable _ = graph.Scope("mlp");
        bool bias = context.Architecture.MlpBias;
        Value gate = Linear.Emit(context, input, prefix + "gate_proj", bias, "gate_proj");
        Value up = Linear.Emit(context, input, prefix + "up_proj", bias, "up_proj");
        Value sigmoid = graph.Node("Sigmoid", [gate], gate.Type, gate.Shape, label: "act/Sigmoid");
        Value silu = graph.Node("Mul", [gate, sigmoid], gate.Type, gate.Shape, label: "act/Mul");
        Value gated = graph.Node("Mul", [silu, up], gate.Type, gate.Shape);
        return Linear.Emit(context, gated, prefix + "down_proj", bias, "down_proj", output);
    }
}
