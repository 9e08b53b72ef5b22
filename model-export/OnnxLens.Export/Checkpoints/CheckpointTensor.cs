using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Checkpoints;

/// <summary>A weight of a checkpoint, by where its bytes lie.</summary>
/// <param name="Name">The checkpoint's name for it, e.g. <c>model.layers.0.mlp.up_proj.weight</c>.</param>
/// <param name="Type">Element type as stored.</param>
/// <param name="Shape">Sizes, row-major.</param>
/// <param name="File">File name within the checkpoint folder.</param>
/// <param name="Offset">Byte offset in the file, header counted.</param>
/// <param name="Bytes">Length in bytes.</param>
public sealed record CheckpointTensor(string Name, ElementType Type, ImmutableArray<long> Shape, string File, long Offset, long Bytes);
