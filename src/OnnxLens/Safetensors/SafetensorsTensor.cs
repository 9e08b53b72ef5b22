using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>A tensor to be written, whose bytes are streamed when their turn comes.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes, row-major. Empty for a scalar.</param>
/// <param name="Write">Writes the elements, little-endian and row-major. The number of bytes is checked.</param>
public sealed record SafetensorsTensor(string Name, ElementType Type, ImmutableArray<long> Shape, Action<Stream> Write);
