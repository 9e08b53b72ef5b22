using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Checkpoints;

/// <summary>The checked weights of a checkpoint.</summary>
/// <param name="Tensors">Every tensor that the architecture needs.</param>
/// <param name="Files">The weight files, ordinal order.</param>
/// <param name="MainType">The element type of most bytes.</param>
internal sealed record WeightSet(
    ImmutableSortedDictionary<string, CheckpointTensor> Tensors,
    ImmutableArray<string> Files,
    ElementType MainType);
