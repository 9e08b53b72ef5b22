using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>What the components of a graph share while it is built.</summary>
internal sealed class GraphContext
{
    public GraphContext(Checkpoint checkpoint, ElementType compute, string graphName, QuantizationPlan? quantization = null)
    {
        if (compute is not (ElementType.Float or ElementType.Float16 or ElementType.BFloat16))
        {
            throw new ArgumentOutOfRangeException(nameof(compute), compute, "Graphs compute in Float, Float16 or BFloat16.");
        }

        Architecture = checkpoint.Architecture;
        Compute = compute;
        Graph = new GraphBuilder(graphName);
        Weights = new CheckpointWeights(checkpoint, Graph, compute, quantization);
    }

    public Architecture Architecture { get; }

    public ElementType Compute { get; }

    public GraphBuilder Graph { get; }

    public CheckpointWeights Weights { get; }
}
