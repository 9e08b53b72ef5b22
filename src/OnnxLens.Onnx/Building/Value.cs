using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>A value of a graph under construction: what a node reads or writes.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape.</param>
public sealed record Value(string Name, ElementType Type, TensorShape Shape)
{
    internal ValueInfoProto ToProto() => new()
    {
        Name = Name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)Type, Shape = Shape.ToProto() } },
    };
}
