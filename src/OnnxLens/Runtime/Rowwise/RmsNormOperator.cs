using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>The operator of <see cref="RmsNorm"/>: inputs fp32 [..,H], weights fp32 [H], and a steering input fp32 [b,s,h] where there is one; output fp32 [..,H].</summary>
internal static class RmsNormOperator
{
    /// <summary>Its type.</summary>
    public const string TypeName = "RmsNorm";

    /// <summary>Attribute: H.</summary>
    public const string WidthName = "width";

    /// <summary>Attribute: what is added to the mean square.</summary>
    public const string EpsilonName = "epsilon";

    /// <summary>Attribute: 1 where there is a steering input.</summary>
    public const string SteeredName = "steered";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    /// <summary>What ONNX Runtime is told of it.</summary>
    public static KernelType Type { get; } = new(
        TypeName,
        [new(ElementType.Float), new(ElementType.Float), new(ElementType.Float, IsOptional: true)],
        [new(ElementType.Float)],
        info => new RmsNorm(info.Integer(WidthName), info.Single(EpsilonName), info.Flag(SteeredName), info.Integer(ThreadsName)));
}
