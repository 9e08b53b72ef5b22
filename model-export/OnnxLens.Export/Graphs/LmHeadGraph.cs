using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Graphs;

/// <summary>Builds the LM head: the final norm, the unembedding, and what is read out of the logits without keeping them.</summary>
public static class LmHeadGraph
{
    /// <summary>Builds the graph. Its ports are those of <see cref="HeadPorts"/>.</summary>
    /// <param name="checkpoint">The model; its weights are referred to by file name and offset.</param>
    /// <param name="compute">Element type of the hidden rows and of the unembedding's arithmetic; read-outs are in single precision.</param>
    /// <param name="file">File name of the graph.</param>
    /// <param name="quantization">Which weights are quantised, and where they lie; null where none are.</param>
    /// <remarks>
    /// Each read-out hangs on no more than it needs: nodes that no wanted output needs can be dropped with the other outputs.
    /// ONNX Runtime does not drop them by itself. While it runs, about three values of [N,V] fp32 are alive.
    /// </remarks>
    /// <exception cref="ArgumentException">The compute type is not Float, Float16 or BFloat16.</exception>
    public static ModelProto Build(Checkpoint checkpoint, ElementType compute, string file, QuantizationPlan? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(file);
        var context = new GraphContext(checkpoint, compute, Path.GetFileNameWithoutExtension(file), quantization);
        Value logits = EmitLogits(context);
        Readouts.Emit(context.Graph, logits);
        return context.Graph.Build();
    }

    private static Value EmitLogits(GraphContext context)
    {
        GraphBuilder graph = context.Graph;
        ModelFacts facts = context.Architecture.Facts;
        Value hidden = graph.Input(HeadPorts.Hidden, context.Compute, new TensorShape(Dimensions.Rows, facts.HiddenSize));
        Value normed = RmsNorm.Emit(context, hidden, WeightNames.FinalNorm, "final_norm");
        bool single = context.Compute == ElementType.Float;
        string weight = facts.TiedEmbedding ? WeightNames.Embedding : WeightNames.LmHead;
        Value logits = Linear.Emit(context, normed, weight, null, "lm_head", single ? HeadPorts.Logits : null);
        return single
            ? logits
            : graph.Node("Cast", [logits], ElementType.Float, logits.Shape, HeadPorts.Logits, "lm_head/Cast", Attributes.Int("to", (long)ElementType.Float));
    }
}
