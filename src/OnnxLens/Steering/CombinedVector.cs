using System.Collections.Immutable;

namespace OnnxLens.Steering;

/// <summary>A vector made of others, at the layers that all of them have.</summary>
/// <param name="Vector">The result.</param>
/// <param name="LeftOut">Layers that some of them have, but not all, ascending; empty where their layers match.</param>
public sealed record CombinedVector(SteeringVector Vector, ImmutableArray<int> LeftOut);
