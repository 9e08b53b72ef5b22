using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>A vector of a sweep at one hook point.</summary>
/// <param name="Name">Its name in tables. Controls of a vector <c>v</c> are called <c>v/random:0</c>, <c>v/random:1</c>, …, <c>v/shuffled</c> and <c>v/letter</c>.</param>
/// <param name="Point">Where it is added.</param>
/// <param name="Values">H values, at multiplier 1.</param>
public sealed record SweepVector(string Name, HookPoint Point, ImmutableArray<float> Values);
