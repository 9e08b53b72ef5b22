using OnnxLens.Bundles;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>
/// The nodes that stand before a shard's where it is fed the mask of onnxruntime-genai in place of lengths, as the model builder writes them:
/// the sum of a row of the mask − 1, and the mask's width.
/// </summary>
internal static class MaskLengths
{
    /// <summary>Builds the graph from <c>attention_mask</c> int64 [B,total], 1 for a token and 0 for padding on the right, to a shard's two length inputs.</summary>
    /// <param name="shard">Names the lengths: int32 [B] and int32 scalar.</param>
    /// <param name="mask">Names the mask.</param>
    /// <param name="name">Names the graph.</param>
    /// <exception cref="BundleException">The shard has no length inputs.</exception>
    public static ModelProto Build(ShardEntry shard, string mask, string name)
    {
        if (shard is not { SeqLensK: { } seqLens, TotalSequenceLength: { } total })
        {
            throw new BundleException($"The shard '{shard.File}' is not fed lengths, so it is not of the kind that 'onnxlens export' writes. {GenaiGraphs.OnlyOwn}");
        }

        var graph = new GraphBuilder(name);
        using (graph.Scope(mask))
        {
            var rows = new TensorShape(Dimensions.Batch);
            Value input = graph.Input(mask, ElementType.Int64, new TensorShape(Dimensions.Batch, "total_length"));
            Value length = graph.Node("ReduceSum", [input, graph.Ints(1)], ElementType.Int64, rows, attributes: Attributes.Int("keepdims", 0));
            Value last = graph.Node("Sub", [length, graph.Ints(1)], ElementType.Int64, rows);
            graph.Output(ToInt32(graph, last, seqLens));

            Value shape = graph.Node("Shape", [input], ElementType.Int64, TensorShape.Of(2));
            Value one = graph.Constant<long>("/constants/int64(1)", TensorShape.Scalar, 1);
            Value width = graph.Node("Gather", [shape, one], ElementType.Int64, TensorShape.Scalar, attributes: Attributes.Int("axis", 0));
            graph.Output(ToInt32(graph, width, total));
        }

        return graph.Build();
    }

    private static Value ToInt32(GraphBuilder graph, Value value, string name) =>
        graph.Node("Cast", [value], ElementType.Int32, value.Shape, name, name + "/Cast", Attributes.Int("to", (long)ElementType.Int32));
}
