using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>What ONNX Runtime says of an input or output.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes; −1 where one is not fixed.</param>
public sealed record PortType(ElementType Type, ImmutableArray<long> Shape);
