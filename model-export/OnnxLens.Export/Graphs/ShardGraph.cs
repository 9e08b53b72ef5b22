using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Graphs;

/// <summary>Builds the graph of a shard: a contiguous run of a model's layers, with a named value at every site.</summary>
public static class ShardGraph
{
    private const string InputIds = "input_ids";
    private const string HiddenIn = "hidden_in";
    private const string HiddenOut = "hidden_out";

    /// <summary>Builds a shard's graph, and the manifest's entry that names its ports and sites.</summary>
    /// <param name="checkpoint">The model; its weights are referred to by file name and offset.</param>
    /// <param name="plan">Which layers.</param>
    /// <param name="compute">Element type of arithmetic, hidden states and cache: Float, Float16 or BFloat16.</param>
    /// <param name="rope">Where the rotary tables lie.</param>
    /// <param name="quantization">Which weights are quantised, and where they lie; null where none are.</param>
    /// <remarks>
    /// B batch, S new tokens, C cache length, T the compute type. Inputs: <c>input_ids</c> int64 [B,S] on the first shard, else
    /// <c>hidden_in</c> T [B,S,H]; <c>seqlens_k</c> int32 [B]; <c>total_sequence_length</c> int32 []; <c>position_ids</c> int64 [B,S]
    /// only where the head width is no multiple of 16; per layer <c>past_key_values.{i}.key/.value</c> T [B,KV,C,D] and the optional
    /// <c>steer.{site}.{i}</c> T [b,s,h]. Outputs: <c>present.{i}.key/.value</c>, <c>resid_post.{i}</c>, and <c>hidden_out</c>, which equals the last of them.
    /// </remarks>
    /// <exception cref="ArgumentException">The plan's layers are not of the model, the compute type is not one of the three, or the tables' size is not what the model needs.</exception>
    public static (ModelProto Model, ShardEntry Entry) Build(Checkpoint checkpoint, ShardPlan plan, ElementType compute, RopeTableRefs rope, QuantizationPlan? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(rope);
        Check(plan, checkpoint.Architecture.Facts);
        var context = new GraphContext(checkpoint, compute, Path.GetFileNameWithoutExtension(plan.File), quantization);
        Value residual = EmitStart(context, plan);
        ShardInputs shared = ShardInputs.Emit(context, rope);
        var cache = ImmutableArray.CreateBuilder<CacheEntry>(plan.LayerCount);
        var posts = new List<Value>();
        for (int layer = plan.FirstLayer; layer < plan.FirstLayer + plan.LayerCount; layer++)
        {
            var block = new Block(context, layer, shared);
            residual = block.Emit(residual);
            cache.Add(block.Cache);
            posts.Add(residual);
        }

        EmitOutputs(context, cache, posts);
        return (context.Graph.Build(), Entry(plan, shared, cache.MoveToImmutable(), residual));
    }

    private static void Check(ShardPlan plan, ModelFacts facts)
    {
        ArgumentNullException.ThrowIfNull(plan);
        bool sound = plan.Index >= 0 && plan.Index < plan.Count
            && plan.LayerCount > 0
            && plan.FirstLayer >= 0
            && plan.FirstLayer + plan.LayerCount <= facts.Layers
            && (plan.Index == 0) == (plan.FirstLayer == 0)
            && (plan.Index == plan.Count - 1) == (plan.FirstLayer + plan.LayerCount == facts.Layers);
        if (!sound) throw new ArgumentException($"{plan} is no shard of a model of {facts.Layers} layers.", nameof(plan));
    }

    private static Value EmitStart(GraphContext context, ShardPlan plan)
    {
        var tokens = new TensorShape(Dimensions.Batch, Dimensions.Sequence);
        if (plan.FirstLayer > 0)
        {
            var hidden = new TensorShape(Dimensions.Batch, Dimensions.Sequence, context.Architecture.Facts.HiddenSize);
            return context.Graph.Input(HiddenIn, context.Compute, hidden);
        }

        Value ids = context.Graph.Input(InputIds, ElementType.Int64, tokens);
        return Embedding.Emit(context, ids, WeightNames.Embedding, new HookPoint(Site.ResidPre, 0).ToString());
    }

    private static void EmitOutputs(GraphContext context, IReadOnlyList<CacheEntry> cache, List<Value> posts)
    {
        GraphBuilder graph = context.Graph;
        Value last = posts[^1];
        graph.Output(graph.Node("Identity", [last], last.Type, last.Shape, HiddenOut, "hidden_out/Identity"));
        foreach (CacheEntry layer in cache)
        {
            graph.Output(graph[layer.PresentKey]);
            graph.Output(graph[layer.PresentValue]);
        }

        foreach (Value post in posts) graph.Output(post);
    }

    private static ShardEntry Entry(ShardPlan plan, ShardInputs shared, ImmutableArray<CacheEntry> cache, Value residual)
    {
        var sites = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var steer = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (int layer = plan.FirstLayer; layer < plan.FirstLayer + plan.LayerCount; layer++)
        {
            foreach (Site site in Sites.All)
            {
                var point = new HookPoint(site, layer);
                if (site != Site.ResidPre || layer == 0) sites.Add(point.ToString(), point.ToString());
                if (site.IsSteerable()) steer.Add(point.ToString(), Block.SteerName(point));
            }
        }

        return new ShardEntry
        {
            File = plan.File,
            FirstLayer = plan.FirstLayer,
            LayerCount = plan.LayerCount,
            Device = plan.Device,
            InputIds = plan.FirstLayer == 0 ? InputIds : null,
            HiddenIn = plan.FirstLayer == 0 ? null : HiddenIn,
            HiddenOut = residual.Name,
            SeqLensK = shared.SeqLensK.Name,
            TotalSequenceLength = shared.TotalSequenceLength.Name,
            PositionIds = shared.PositionIds?.Name,
            Cache = cache,
            Sites = sites.ToImmutable(),
            Steer = steer.ToImmutable(),
        };
    }
}
