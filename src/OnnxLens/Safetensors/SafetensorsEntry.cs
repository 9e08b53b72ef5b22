using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>One tensor of a safetensors file, by where its bytes lie.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type as stored.</param>
/// <param name="Shape">Sizes, row-major. Empty for a scalar.</param>
/// <param name="Offset">Byte offset in the file, header counted.</param>
/// <param name="Bytes">Length in bytes: elements × size of one.</param>
public sealed record SafetensorsEntry(string Name, ElementType Type, ImmutableArray<long> Shape, long Offset, long Bytes)
{
    /// <summary>Number of elements.</summary>
    public long Elements => Bytes / Type.ByteSize();
}
