using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>Rows of the embedding by token id. Only the rows are converted, never the table.</summary>
internal static class Embedding
{
    public static Value Emit(GraphContext context, Value ids, string weight, string output)
    {
        GraphBuilder graph = context.Graph;
        using IDisposable _ = graph.Scope("embed_tokens");
        Value table = context.Weights.Stored(weight);
        bool cast = table.Type != context.Compute;
        var shape = new TensorShape([.. ids.Shape.Dimensions, table.Shape[1]]);
        Value rows = graph.Node("Gather", [table, ids], table.Type, shape, cast ? null : output, attributes: Attributes.Int("axis", 0));
        return cast
            ? graph.Node("Cast", [rows], context.Compute, shape, output, attributes: Attributes.Int("to", (long)context.Compute))
            : rows;
    }
}
