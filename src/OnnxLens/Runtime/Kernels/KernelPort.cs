using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Kernels;

/// <summary>An input or output of an operator of ours.</summary>
/// <param name="Type">Its element type; <see cref="ElementType.Undefined"/> takes any.</param>
/// <param name="IsOptional">True where a node may lack it.</param>
internal readonly record struct KernelPort(ElementType Type, bool IsOptional = false);
