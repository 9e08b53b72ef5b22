using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Graphs;

/// <summary>Grouped-query attention over a KV cache, with rotary positions and, where the family has it, a norm per head of q and k.</summary>
internal static class Attention
{
    /// <param name="context">The graph.</param>
    /// <param name="input">T [B,S,H], normed.</param>
    /// <param name="layer">The layer, counted over the whole model.</param>
    /// <param name="prefix">The attention's prefix in the checkpoint.</param>
    /// <param name="cache">Names of the layer's cache ports.</param>
    /// <param name="shared">The inputs that every layer reads.</param>
    /// <param name="output">Name of the result, T [B,S,H].</param>
    public static Value Emit(GraphContext context, Value input, int layer, string prefix, CacheEntry cache, ShardInputs shared, string output)
    {
        using IDisposable _ = context.Graph.Scope("attn");
        ModelFacts facts = context.Architecture.Facts;
        bool bias = context.Architecture.QkvBias;
        Value query = Linear.Emit(context, input, prefix + "q_proj", bias, "q_proj");
        Value key = Linear.Emit(context, input, prefix + "k_proj", bias, "k_proj");
        Value value = Linear.Emit(context, input, prefix + "v_proj", bias, "v_proj");
        if (context.Architecture.QkNorm)
        {
            query = HeadNorm(context, query, facts.Heads, prefix + "q_norm.weight", "q_norm");
            key = HeadNorm(context, key, facts.KvHeads, prefix + "k_norm.weight", "k_norm");
        }

        if (shared.PositionIds is not null)
        {
            query = Rotate(context, query, facts.Heads, shared, "q_rotary");
            key = Rotate(context, key, facts.KvHeads, shared, "k_rotary");
        }

        Value mixed = Attend(context, query, key, value, layer, cache, shared);
        return Linear.Emit(context, mixed, prefix + "o_proj", context.Architecture.AttentionOutBias, "o_proj", output);
    }

    private static Value HeadNorm(GraphContext context, Value input, int heads, string weight, string scope)
    {
        GraphBuilder graph = context.Graph;
        int headDim = context.Architecture.Facts.HeadDim;
        var split = new TensorShape(input.Shape[0], input.Shape[1], heads, headDim);
        Value byHead = graph.Node("Reshape", [input, graph.Ints(0, 0, heads, headDim)], input.Type, split, label: scope + "/split/Reshape");
        Value normed = RmsNorm.Emit(context, byHead, weight, scope);
        return graph.Node("Reshape", [normed, graph.Ints(0, 0, heads * headDim)], input.Type, input.Shape, label: scope + "/join/Reshape");
    }

    private static Value Rotate(GraphContext context, Value input, int heads, ShardInputs shared, string scope) => context.Graph.Node(
        "com.microsoft:RotaryEmbedding",
        [input, shared.PositionIds, shared.Cos, shared.Sin],
        input.Type,
        input.Shape,
        label: scope + "/RotaryEmbedding",
        attributes: [Attributes.Int("interleaved", 0), Attributes.Int("num_heads", heads)]);

    private static Value Attend(GraphContext context, Value query, Value key, Value value, int layer, CacheEntry cache, ShardInputs shared)
    {
        GraphBuilder graph = context.Graph;
        ModelFacts facts = context.Architecture.Facts;
        var past = new TensorShape(Dimensions.Batch, facts.KvHeads, Dimensions.PastLength, facts.HeadDim);
        var present = new TensorShape(Dimensions.Batch, facts.KvHeads, Dimensions.PresentLength, facts.HeadDim);
        Value pastKey = graph.Input(cache.PastKey, context.Compute, past);
        Value pastValue = graph.Input(cache.PastValue, context.Compute, past);

        bool rotates = shared.PositionIds is null;
        List<Value?> inputs = [query, key, value, pastKey, pastValue, shared.SeqLensK, shared.TotalSequenceLength];
        if (rotates) inputs.AddRange([shared.Cos, shared.Sin]);

        List<AttributeProto> attributes =
        [
            Attributes.Int("num_heads", facts.Heads),
            Attributes.Int("kv_num_heads", facts.KvHeads),
            Attributes.Float("scale", (float)(1 / Math.Sqrt(facts.HeadDim))),
            Attributes.Int("do_rotary", rotates ? 1 : 0),
            Attributes.Int("rotary_interleaved", 0),
        ];
        if (context.Architecture.Windows[layer] is { } window) attributes.Add(Attributes.Int("local_window_size", window));

        Value[] outputs = graph.MultiNode(
            "com.microsoft:GroupQueryAttention",
            [.. inputs],
            [
                new Value(graph.Scoped("GroupQueryAttention/output"), context.Compute, query.Shape),
                new Value(cache.PresentKey, context.Compute, present),
                new Value(cache.PresentValue, context.Compute, present),
            ],
            attributes: [.. attributes]);
        return outputs[0];
    }
}
