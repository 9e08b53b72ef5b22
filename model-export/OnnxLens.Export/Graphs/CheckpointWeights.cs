using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// The weights of a checkpoint as values of one graph. They stay in the checkpoint's files and in its element type;
/// where the graph computes in another one, a Cast follows, which the runtime folds when it loads the model.
/// What the plan quantises lies in the bundle's data file.
/// </summary>
internal sealed class CheckpointWeights(Checkpoint checkpoint, GraphBuilder graph, ElementType compute, QuantizationPlan? quantization)
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

    /// <summary>The quantised form of a weight, or null where it stays as it is.</summary>
    public QuantizedTensor? Quantized(string name) => quantization?.Find(name);

    /// <summary>The parts of a weight's quantised form as values: numbers, scales, and zero points where the form has them.</summary>
    /// <param name="tensor">The quantised weight.</param>
    /// <param name="byBlock">True: numbers are [N, blocks, bytes of a block]. False: [N, bytes of a row]. The bytes are the same.</param>
    public (Value Data, Value Scales, Value? ZeroPoints) Parts(QuantizedTensor tensor, bool byBlock)
    {
        string name = $"{tensor.Source.Name}.q{tensor.Form.Bits}";
        TensorShape shape = byBlock ? TensorShape.Of(tensor.Rows, tensor.Blocks, tensor.BlockBytes) : TensorShape.Of(tensor.Rows, tensor.RowBytes);
        Value data = graph.Weight(name, ElementType.UInt8, shape, tensor.Data);
        Value scales = graph.Weight(name + ".scales", compute, TensorShape.Of(tensor.Rows, tensor.Blocks), tensor.Scales);
        Value? zeroPoints = tensor.ZeroPoints is null
            ? null
            : graph.Weight(name + ".zero_points", ElementType.UInt8, TensorShape.Of(tensor.Rows, tensor.ZeroPointRowBytes), tensor.ZeroPoints);
        return (data, scales, zeroPoints);
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
