using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Shapes of constant values, and what they say of the linear maps that read them.</summary>
internal sealed class ConstantShapes(GraphView view)
{
    /// <summary>The shape of a value that is made from initializers alone; null where it cannot be told.</summary>
    public long[]? Of(string value)
    {
        if (view.Initializer(value) is TensorProto tensor)
        {
            return [.. tensor.Dims];
        }

        NodeProto? node = view.Producer(value);
        return node?.OpType switch
        {
            "Constant" => node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is TensorProto constant ? [.. constant.Dims] : null,
            "Cast" or "Identity" or "DequantizeLinear" => Of(node.Input[0]),
            "Transpose" when Of(node.Input[0]) is long[] shape => Permuted(node, shape),
            _ => null,
        };
    }

    /// <summary>The whole number that a constant holds; null where it is something else, or not stored in the graph itself.</summary>
    public long? WholeNumber(string value)
    {
        if (view.Initializer(view.LookThrough(value, "Identity")) is not TensorProto tensor || tensor.Dims.Any(size => size != 1) || tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return null;
        }

        return ((ElementType)tensor.DataType, tensor.RawData.Length) switch
        {
            (ElementType.Int64, 0) => tensor.Int64Data.FirstOrDefault(),
            (ElementType.Int64, _) => BitConverter.ToInt64(tensor.RawData.Span),
            (ElementType.Int32, 0) => tensor.Int32Data.FirstOrDefault(),
            (ElementType.Int32, _) => BitConverter.ToInt32(tensor.RawData.Span),
            _ => null,
        };
    }

    /// <summary>Width of what a linear map reads; null where it cannot be told.</summary>
    public int? InputWidth(NodeProto node) => Widths(node)?.Input;

    /// <summary>Width of what a linear map gives; null where it cannot be told.</summary>
    public int? OutputWidth(NodeProto node) => Widths(node)?.Output;

    private (int Input, int Output)? Widths(NodeProto node)
    {
        if (NodeAttributes.Int(node, "K") is long k && NodeAttributes.Int(node, "N") is long n)
        {
            return ((int)k, (int)n); // Quantised in blocks, and stored in another shape.
        }

        int data = Nodes.LinearInput(node, view);
        if (data >= 0 && node.OpType == "Einsum")
        {
            return EinsumWidths(node, 1 - data);
        }

        if (data < 0 || Of(node.Input[1 - data]) is not [.., long rows, long columns])
        {
            return null;
        }

        bool turned = NodeAttributes.Int(node, data == 0 ? "transB" : "transA") == 1;
        bool outFirst = data == 0 ? turned : !turned;
        return outFirst ? ((int)columns, (int)rows) : ((int)rows, (int)columns);
    }

    /// <summary>The axes of the weight that the result lacks are what is read, the others what is given.</summary>
    private (int Input, int Output)? EinsumWidths(NodeProto node, int weight)
    {
        string equation = node.Attribute.FirstOrDefault(attribute => attribute.Name == "equation")?.S.ToStringUtf8().Replace(" ", "", StringComparison.Ordinal) ?? "";
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length != 2 || terms.Length != 2 || Of(node.Input[weight]) is not long[] shape || terms[weight].Length != shape.Length)
        {
            return null;
        }

        (long input, long output) = (1, 1);
        for (int axis = 0; axis < shape.Length; axis++)
        {
            bool given = sides[1].Contains(terms[weight][axis], StringComparison.Ordinal);
            (input, output) = given ? (input, output * shape[axis]) : (input * shape[axis], output);
        }

        return ((int)input, (int)output);
    }

    private static long[] Permuted(NodeProto node, long[] shape)
    {
        var order = node.Attribute.FirstOrDefault(attribute => attribute.Name == "perm")?.Ints;
        return order is null ? [.. shape.Reverse()] : [.. order.Select(axis => shape[axis])];
    }
}
