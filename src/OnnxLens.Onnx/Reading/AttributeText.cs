using System.Globalization;
using OnnxLens.Onnx.Proto;
using AttributeType = OnnxLens.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OnnxLens.Onnx;

/// <summary>Values of attributes in a text dump.</summary>
internal static class AttributeText
{
    /// <summary>The value. Floats have a point or an exponent, so that they differ from integers. Graphs give only their name.</summary>
    internal static string Describe(AttributeProto attribute)
    {
        if (attribute.RefAttrName.Length > 0)
        {
            return $"@{DumpText.Name(attribute.RefAttrName)}";
        }

        return attribute.Type switch
        {
            AttributeType.Float => Float(attribute.F),
            AttributeType.Int => Int(attribute.I),
            AttributeType.String => DumpText.Bytes(attribute.S),
            AttributeType.Tensor => Tensor(attribute.T),
            AttributeType.Graph => Graph(attribute.G),
            AttributeType.SparseTensor => Sparse(attribute.SparseTensor),
            AttributeType.TypeProto => TypeText.Describe(attribute.Tp),
            AttributeType.Floats => DumpText.List(attribute.Floats.Select(Float)),
            AttributeType.Ints => DumpText.List(attribute.Ints.Select(Int)),
            AttributeType.Strings => DumpText.List(attribute.Strings.Select(DumpText.Bytes)),
            AttributeType.Tensors => DumpText.List(attribute.Tensors.Select(Tensor)),
            AttributeType.Graphs => DumpText.List(attribute.Graphs.Select(Graph)),
            AttributeType.SparseTensors => DumpText.List(attribute.SparseTensors.Select(Sparse)),
            AttributeType.TypeProtos => DumpText.List(attribute.TypeProtos.Select(TypeText.Describe)),
            _ => "?",
        };
    }

    private static string Float(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.All(character => char.IsAsciiDigit(character) || character == '-') ? $"{text}.0" : text;
    }

    private static string Int(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Tensor(TensorProto? tensor) => tensor is null ? "?" : TensorText.Describe(tensor);

    private static string Sparse(SparseTensorProto? sparse) => sparse is null ? "?" : TensorText.Describe(sparse);

    private static string Graph(GraphProto? graph) => graph is null ? "?" : $"graph {DumpText.Quote(graph.Name)}";
}
