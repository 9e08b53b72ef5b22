namespace OnnxLens.Bundles;

/// <summary>The KV cache ports of one layer, T [B,KV,C,D] each. Past and present are bound to one buffer.</summary>
/// <param name="PastKey">Input.</param>
/// <param name="PastValue">Input.</param>
/// <param name="PresentKey">Output.</param>
/// <param name="PresentValue">Output.</param>
public sealed record CacheEntry(string PastKey, string PastValue, string PresentKey, string PresentValue);
