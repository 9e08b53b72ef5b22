using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>Names of the ports of a decoder that is fed a mask: of one graph, or of several that run one after another.</summary>
/// <param name="InputIds">Input int64 [B,S].</param>
/// <param name="AttentionMask">Input int64 [B,total].</param>
/// <param name="PositionIds">Input int64 [B,S], or null where the graphs have none.</param>
/// <param name="Cache">The cache of each layer, T [B,KV,C,D] each.</param>
/// <param name="Logits">Output fp32 [B,S,V] of the last graph.</param>
/// <param name="Cuts">Values of the residual stream, in the order they are made, at which the graphs may be cut; may be empty.</param>
public sealed record DecoderPorts(string InputIds, string AttentionMask, string? PositionIds, ImmutableArray<CacheEntry> Cache, string Logits, ImmutableArray<string> Cuts);
