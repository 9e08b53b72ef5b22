using System.Globalization;
using OnnxLens.Onnx.Proto;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx;

/// <summary>Types in a text dump.</summary>
internal static class TypeText
{
    /// <summary>A type, such as <c>float[batch, 4, ?]</c>; <c>[…]</c> is an unknown rank, <c>?</c> an unknown size or type.</summary>
    internal static string Describe(TypeProto? type) => type?.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => Element(type.TensorType.ElemType) + Shape(type.TensorType.Shape),
        TypeProto.ValueOneofCase.SparseTensorType => $"sparse {Element(type.SparseTensorType.ElemType)}{Shape(type.SparseTensorType.Shape)}",
        TypeProto.ValueOneofCase.SequenceType => $"sequence({Describe(type.SequenceType.ElemType)})",
        TypeProto.ValueOneofCase.OptionalType => $"optional({Describe(type.OptionalType.ElemType)})",
        TypeProto.ValueOneofCase.MapType => $"map({Element(type.MapType.KeyType)}, {Describe(type.MapType.ValueType)})",
        TypeProto.ValueOneofCase.OpaqueType => $"opaque({DumpText.Name(type.OpaqueType.Domain)}, {DumpText.Name(type.OpaqueType.Name)})",
        _ => "?",
    };

    /// <summary>The format's name of an element type, or its number when it has none.</summary>
    internal static string Element(int dataType) => TensorSizes.IsKnown(dataType)
        ? ((DataType)dataType).ToString().ToLowerInvariant()
        : string.Create(CultureInfo.InvariantCulture, $"type{dataType}");

    private static string Shape(TensorShapeProto? shape) =>
        shape is null ? "[…]" : $"[{string.Join(", ", shape.Dim.Select(Dimension))}]";

    private static string Dimension(TensorShapeProto.Types.Dimension dimension) => dimension.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => dimension.DimValue.ToString(CultureInfo.InvariantCulture),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => DumpText.Name(dimension.DimParam),
        _ => "?",
    };
}
