using System.Globalization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Inputs that a graph is given when it is opened.</summary>
internal static class AddedInputs
{
    /// <summary>Declares an input of named dimensions.</summary>
    /// <returns>The name.</returns>
    public static string Declare(GraphProto graph, string name, ElementType type, int rank)
    {
        var shape = new TensorShapeProto();
        for (int axis = 0; axis < rank; axis++)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = string.Create(CultureInfo.InvariantCulture, $"{name}.{axis}") });
        }

        graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } });
        return name;
    }
}
