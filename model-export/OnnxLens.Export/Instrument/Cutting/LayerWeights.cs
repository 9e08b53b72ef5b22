using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>How the weights of a foreign graph are divided over its layers.</summary>
internal sealed class LayerWeights(Anatomy anatomy)
{
    private GraphView View => anatomy.Flow.View;

    /// <summary>Bytes of each layer's weights; the first layer has the embedding's as well, the last one the unembedding's.</summary>
    public long[] Bytes()
    {
        long[] bytes = new long[anatomy.Layers];
        for (int layer = 0; layer < bytes.Length; layer++)
        {
            (Sublayer attention, Sublayer mlp) = anatomy.Stream.Layers[layer];
            bytes[layer] = Weights(attention.Nodes.Concat(mlp.Nodes)).Sum(SizeOf);
        }

        bytes[0] += Weights(anatomy.Flow.Ancestors(anatomy.Stream.Start)).Sum(SizeOf);
        bytes[^1] += anatomy.Stream.Head.Linear is NodeProto linear ? Weights([linear]).Sum(SizeOf) : 0;
        return bytes;
    }

    /// <summary>Number of weights: elements of real initializers of one axis or more, and of quantised matrices those that they stand for.</summary>
    public long Parameters()
    {
        HashSet<TensorProto> packed = [.. View.Graph.Node.Where(node => node.OpType == "MatMulNBits").SelectMany(node => Weights([node]))];
        long quantised = View.Graph.Node.Where(node => node.OpType == "MatMulNBits").DistinctBy(node => node.Input[1])
            .Sum(node => (ConstantShapes.Int(node, "K") ?? 0) * (ConstantShapes.Int(node, "N") ?? 0));
        return quantised + View.Graph.Initializer
            .Where(tensor => tensor.Dims.Count > 0 && !packed.Contains(tensor) && IsWeight((ElementType)tensor.DataType))
            .Sum(tensor => tensor.Dims.Aggregate(1L, (product, size) => product * size));
    }

    private static bool IsWeight(ElementType type) =>
        type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16 or ElementType.Int8 or ElementType.UInt8 or ElementType.Int4 or ElementType.UInt4;

    /// <summary>The initializers that nodes read, by constant nodes between as well.</summary>
    private HashSet<TensorProto> Weights(IEnumerable<NodeProto> nodes)
    {
        var found = new HashSet<TensorProto>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<string>(nodes.SelectMany(View.Reads).Where(View.IsConstant));
        while (pending.TryPop(out string? value))
        {
            if (View.Initializer(value) is TensorProto tensor)
            {
                found.Add(tensor);
            }
            else if (View.Producer(value) is NodeProto node)
            {
                foreach (string read in View.Reads(node))
                {
                    pending.Push(read);
                }
            }
        }

        return found;
    }

    private static long SizeOf(TensorProto tensor) =>
        ExternalData.Read(tensor)?.Length ?? tensor.CalculateSize();
}
