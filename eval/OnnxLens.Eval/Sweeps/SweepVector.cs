using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>A vector of a sweep at one hook point.</summary>
/// <param name="Name">Its name in tables. Controls are called <c>random:0</c>, <c>random:1</c>, …, <c>shuffled</c> and <c>letter</c>.</param>
/// <param name="Point">Where it is added.</param>
/// <param name="Values">H values, at multiplier 1.</param>
public sealed record SweepVector(string Name, HookPoint Point, ImmutableArray<float> Values);
