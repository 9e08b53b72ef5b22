namespace OnnxLens.Runtime;

/// <summary>A value that a shard writes, and where it lies.</summary>
/// <param name="Shard">The shard's graph file.</param>
/// <param name="Port">The value's name in it.</param>
/// <param name="Device">The device of its memory.</param>
public sealed record BoundValue(string Shard, string Port, Device Device);
