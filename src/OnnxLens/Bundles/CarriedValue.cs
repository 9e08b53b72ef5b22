namespace OnnxLens.Bundles;

/// <summary>A value, T [B,S,H], that a shard hands to the next one beside the residual stream: where one operator sums and norms, both its outputs cross the cut.</summary>
/// <param name="From">The value in the shard before.</param>
/// <param name="Input">The input of this shard.</param>
public sealed record CarriedValue(string From, string Input);
