using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// One transformer block. Its residual adds are nodes of their own, so that every site is a value that can be fetched,
/// and a model gives the same bits however it is cut into shards.
/// </summary>
internal sealed class Block(GraphContext context, int layer, ShardInputs shared)
{
    /// <summary>Names of the block's cache ports.</summary>
    public CacheEntry Cache { get; } = CacheOf(layer);

    /// <summary>Emits the block and gives <c>resid_post</c>.</summary>
    /// <param name="residPre">T [B,S,H].</param>
    public Value Emit(Value residPre)
    {
        GraphBuilder graph = context.Graph;
        string prefix = WeightNames.Layer(layer, "");
        using IDisposable _ = graph.Scope(string.Create(CultureInfo.InvariantCulture, $"layers.{layer}"));

        Value attnIn = Steer(RmsNorm.Emit(context, residPre, prefix + "input_layernorm.weight", "input_norm"), Site.AttnIn);
        Value attnOut = Attention.Emit(context, attnIn, layer, prefix + "self_attn.", Cache, shared, ValueName(Site.AttnOut));
        Value residMid = graph.Node("Add", [residPre, attnOut], context.Compute, residPre.Shape, ValueName(Site.ResidMid), "attn_residual/Add");

        Value mlpIn = Steer(RmsNorm.Emit(context, residMid, prefix + "post_attention_layernorm.weight", "post_attention_norm"), Site.MlpIn);
        Value mlpOut = Mlp.Emit(context, mlpIn, prefix + "mlp.", ValueName(Site.MlpOut));
        Value sum = graph.Node("Add", [residMid, mlpOut], context.Compute, residPre.Shape, label: "mlp_residual/Add");
        return Steer(sum, Site.ResidPost);
    }

    /// <summary>The name of the steering input of a hook point.</summary>
    public static string SteerName(HookPoint point) => "steer." + point;

    private string ValueName(Site site) => new HookPoint(site, layer).ToString();

    /// <summary>The site's value: what was computed plus the steering input, which is zero where it is not fed.</summary>
    private Value Steer(Value computed, Site site)
    {
        string steer = SteerName(new HookPoint(site, layer));
        var shape = new TensorShape(steer + ".batch", steer + ".sequence", steer + ".width");
        Value input = context.Graph.OptionalInput(steer, context.Compute, shape);
        return context.Graph.Node("Add", [computed, input], computed.Type, computed.Shape, ValueName(site), $"steer/{site.Name()}/Add");
    }

    private static CacheEntry CacheOf(int layer)
    {
        string past = string.Create(CultureInfo.InvariantCulture, $"past_key_values.{layer}.");
        string present = string.Create(CultureInfo.InvariantCulture, $"present.{layer}.");
        return new CacheEntry(past + "key", past + "value", present + "key", present + "value");
    }
}
