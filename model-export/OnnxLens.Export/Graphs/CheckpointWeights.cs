using OnnxLens.Export.Checkpoints;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// The weights of a checkpoint as values of one graph. They stay in the checkpoint's files and in its element type;
/// where the graph computes in another one, a Cast follows, which the runtime folds when it loads the model.
/// </summary>
internal sealed class CheckpointWeights(Checkpoint checkpoint, GraphBuilder graph, ElementType compute)
{
    private readonly Dictionary<string, Value> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Value> _cast = new(StringComparer.Ordinal);

    /// <summary>A weight in the element type that the graph computes in.</summary>
    public Value Get(string name)
    {
        Value stored = Stored(name);
        if (stored.Type == compute) return stored;
        if (_cast.TryGetValue(name, out Value? known)) return known;

        Value cast = graph.Node("Cast", [stored], compute, stored.Shape, label: $"weights/{name}/Cast", attributes: Attributes.Int("to", (long)compute));
        _cast.Add(name, cast);
        return cast;
    }

    /// <summary>A weight in the element type that it is stored in.</summary>
    public Value Stored(string name)
    {
        if (_stored.TryGetValue(name, out Value? known)) return known;

        if (!checkpoint.Tensors.TryGetValue(name, out CheckpointTensor? tensor))
        {
            throw new ArgumentException($"Checkpoint '{checkpoint.Folder}' was given without the tensor '{name}', which its architecture needs.", nameof(name));
        }

        Value value = graph.Weight(name, tensor.Type, TensorShape.Of(tensor.Shape.AsSpan()), new ExternalData(tensor.File, tensor.Offset, tensor.Bytes));
        _stored.Add(name, value);
        return value;
    }
}
