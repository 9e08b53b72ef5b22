using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>The operator of <see cref="GatedSilu"/>: inputs gate and up, fp32 of one shape; output of that shape.</summary>
internal static class GatedSiluOperator
{
    /// <summary>Its type.</summary>
    public const string TypeName = "GatedSilu";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    /// <summary>What ONNX Runtime is told of it.</summary>
    public static KernelType Type { get; } = new(
        TypeName,
        [new(ElementType.Float), new(ElementType.Float)],
        [new(ElementType.Float)],
        info => new GatedSilu(info.Integer(ThreadsName)));
}
