using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Operators;

namespace OnnxLens.Runtime.Sessions;

/// <summary>What the shards of a model must be able to do, settled when it is opened.</summary>
/// <param name="Captures">The stored hook points that can be captured.</param>
/// <param name="Operators">The hook points that get operator nodes.</param>
/// <param name="Branches">True: the attention shall branch where it can.</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="Type">Element type of the activations.</param>
internal sealed record ShardRequest(
    ImmutableArray<HookPoint> Captures, IReadOnlyDictionary<HookPoint, OperatorNeeds> Operators, bool Branches, int HeadDim, ElementType Type);
