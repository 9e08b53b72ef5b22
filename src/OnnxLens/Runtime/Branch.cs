using System.Collections.Immutable;

namespace OnnxLens.Runtime;

/// <summary>One continuation of a prefix by one token.</summary>
/// <param name="Token">The token.</param>
/// <param name="Steer">What is applied at it. Positions and sequences of the operations are not looked at: the branch is their place.</param>
public sealed record Branch(int Token, ImmutableArray<SteeringOperation> Steer);
