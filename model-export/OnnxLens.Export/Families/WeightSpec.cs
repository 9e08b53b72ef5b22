using System.Collections.Immutable;

namespace OnnxLens.Export.Families;

/// <summary>A weight that an architecture needs.</summary>
/// <param name="Name">Its name in a Hugging Face checkpoint.</param>
/// <param name="Shape">Its sizes: [out,in] for a projection, [n] for a bias or norm.</param>
public sealed record WeightSpec(string Name, ImmutableArray<long> Shape);
