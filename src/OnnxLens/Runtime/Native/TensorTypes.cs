using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Native;

/// <summary>Between our element types, precision names and those of ONNX Runtime.</summary>
internal static class TensorTypes
{
    public static ElementType FromPrecision(string precision) => precision switch
    {
        "fp32" => ElementType.Float,
        "fp16" => ElementType.Float16,
        "bf16" => ElementType.BFloat16,
        _ => throw new BundleException($"The bundle's precision '{precision}' is not known. Known are fp32, fp16 and bf16."),
    };

    public static TensorElementType ToOrt(this ElementType type) => type switch
    {
        ElementType.Float => TensorElementType.Float,
        ElementType.Float16 => TensorElementType.Float16,
        ElementType.BFloat16 => TensorElementType.BFloat16,
        ElementType.Int32 => TensorElementType.Int32,
        ElementType.Int64 => TensorElementType.Int64,
        ElementType.Bool => TensorElementType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No tensor of this element type crosses the boundary to ONNX Runtime."),
    };

    /// <summary>The element type that ONNX Runtime calls so; undefined where we have no name for it.</summary>
    public static ElementType FromOrt(TensorElementType type) => (ElementType)(int)type is var known && Enum.IsDefined(known) ? known : ElementType.Undefined;
}
