namespace OnnxLens.Bench.Measuring;

/// <summary>One of several ways that are compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Begin">Makes a fresh job; not timed.</param>
internal sealed record Variant(string Name, Func<IJob> Begin);
