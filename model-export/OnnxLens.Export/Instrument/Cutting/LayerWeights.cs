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

    /// <summary>
    /// Number of weights that blocks, embedding and LM head read: elements of real initializers, and of quantised matrices those that they
    /// stand for. Rotary tables, scales and zero points are none.
    /// </summary>
    public long Parameters()
    {
        HashSet<string> ends = new(StringComparer.Ordinal) { anatomy.Stream.Head.Norm.Source };
        NodeProto[] nodes =
        [
            .. anatomy.Stream.Layers.SelectMany(layer => layer.Attention.Nodes.Concat(layer.Mlp.Nodes)),
            .. anatomy.Flow.Ancestors(anatomy.Stream.Start),
            .. anatomy.Flow.Ancestors(anatomy.Stream.Head.Output, ends),
        ];
        NodeProto[] packed = [.. nodes.Where(node => NodeAttributes.Int(node, "K") is not null).DistinctBy(node => node.Input[1])];
        HashSet<TensorProto> counted = Weights(nodes);
        counted.ExceptWith(Weights(packed));
        Dictionary<string, int> bits = nodes.Where(node => node.OpType == "GatherBlockQuantized").DistinctBy(node => node.Input[0])
            .ToDictionary(node => node.Input[0], node => (int)(NodeAttributes.Int(node, "bits") ?? 4));
        return packed.Sum(node => (NodeAttributes.Int(node, "K") ?? 0) * (NodeAttributes.Int(node, "N") ?? 0))
            + counted.Where(tensor => IsWeight((ElementType)tensor.DataType)).Select(tensor => (tensor.Name, Elements: tensor.Dims.Aggregate(1L, (product, size) => product * size)))
                .Where(tensor => tensor.Elements > 1).Sum(tensor => tensor.Elements * 8 / bits.GetValueOrDefault(tensor.Name, 8));
    }

    /// <summary>A node's inputs that are weights where they are constant: not tables, scales and zero points.</summary>
    private static IEnumerable<string> WeightInputs(NodeProto node) => node.Input.Where(input => input.Length > 0).Take(node.OpType switch
    {
        "GroupQueryAttention" => 0,
        "RotaryEmbedding" or "DequantizeLinear" or "QuantizeLinear" or "GatherBlockQuantized" => 1,
        "MatMulInteger" or "MatMulNBits" => 2,
        _ => int.MaxValue,
    });

    private static bool IsWeight(ElementType type) =>
        type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16 or ElementType.Int8 or ElementType.UInt8 or ElementType.Int4 or ElementType.UInt4;

    /// <summary>The initializers that nodes read, by constant nodes between as well.</summary>
    private HashSet<TensorProto> Weights(IEnumerable<NodeProto> nodes)
    {
        var found = new HashSet<TensorProto>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<string>(nodes.SelectMany(WeightInputs).Where(View.IsConstant));
        while (pending.TryPop(out string? value))
        {
            if (View.Initializer(value) is TensorProto tensor)
            {
                found.Add(tensor);
            }
            else if (View.Producer(value) is NodeProto node)
            {
                foreach (string read in WeightInputs(node))
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
