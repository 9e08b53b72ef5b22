using System.Collections.Immutable;

namespace OnnxLens.Runtime.Branches;

/// <summary>The inputs of a shard whose attention can branch.</summary>
/// <param name="PositionIds">int64 [B,S].</param>
/// <param name="Biases">The biases, one for each width of window in the shard.</param>
internal sealed record BranchPorts(string PositionIds, ImmutableArray<BranchBias> Biases);

/// <summary>An attention bias T [1,1,S,total]: 0 where a row sees a key, −∞ where it does not.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Window">How many last positions its layers see; null is all.</param>
internal sealed record BranchBias(string Input, int? Window);
