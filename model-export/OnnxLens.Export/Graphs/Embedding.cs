using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>Rows of the embedding by token id. Only the rows are converted, never the table.</summary>
internal static class Embedding
{
    public static Value Emit(GraphContext context, Value ids, string weight, string output)
    {
        GraphBuilder graph = context.Graph;
        using IDisposable _ = graph.Scope("embed_tokens");
        if (context.Weights.Quantized(weight) is { } quantized)
        {
            return EmitQuantized(context, ids, quantized, output);
        }

        Value table = context.Weights.Stored(weight);
        bool cast = table.Type != context.Compute;
        var shape = new TensorShape([.. ids.Shape.Dimensions, table.Shape[1]]);
        Value rows = graph.Node("Gather", [table, ids], table.Type, shape, cast ? null : output, attributes: Attributes.Int("axis", 0));
        return cast
            ? graph.Node("Cast", [rows], context.Compute, shape, output, attributes: Attributes.Int("to", (long)context.Compute))
            : rows;
    }

    /// <summary>Rows of a quantised table. Where the last block of a row is not full, the row comes out longer and is cut.</summary>
    private static Value EmitQuantized(GraphContext context, Value ids, QuantizedTensor table, string output)
    {
        GraphBuilder graph = context.Graph;
        (Value data, Value scales, Value? zeroPoints) = context.Weights.Parts(table, byBlock: false);
        Value?[] inputs = zeroPoints is null ? [data, ids, scales] : [data, ids, scales, zeroPoints];
        long width = table.Blocks * table.Form.BlockSize;
        bool cut = width != table.Columns;
        Value rows = graph.Node(
            "com.microsoft:GatherBlockQuantized",
            inputs,
            context.Compute,
            new TensorShape([.. ids.Shape.Dimensions, width]),
            cut ? null : output,
            attributes:
            [
                Attributes.Int("gather_axis", 0),
                Attributes.Int("quantize_axis", 1),
                Attributes.Int("bits", table.Form.Bits),
                Attributes.Int("block_size", table.Form.BlockSize),
            ]);
        return cut
            ? graph.Node("Slice", [rows, graph.Ints(0), graph.Ints(table.Columns), graph.Ints(-1)], rows.Type, rows.Shape.WithLast(table.Columns), output)
            : rows;
    }
}
