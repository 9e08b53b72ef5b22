namespace OnnxLens.Bundles;

/// <summary>The KV cache ports of one layer, of the bundle's <see cref="CacheForm"/>.</summary>
/// <param name="PastKey">Input.</param>
/// <param name="PastValue">Input.</param>
/// <param name="PresentKey">Output.</param>
/// <param name="PresentValue">Output.</param>
public sealed record CacheEntry(string PastKey, string PastValue, string PresentKey, string PresentValue);
