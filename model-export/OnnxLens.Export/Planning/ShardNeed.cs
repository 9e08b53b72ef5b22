namespace OnnxLens.Export.Planning;

/// <summary>A shard as an export would write it, and what it takes.</summary>
/// <param name="File">File name of the graph.</param>
/// <param name="FirstLayer">Its first layer, counted over the whole model.</param>
/// <param name="LayerCount">How many layers.</param>
/// <param name="Device">The device it would be exported for.</param>
/// <param name="Memory">What it takes there.</param>
/// <param name="StepBytes">
/// Bytes that a decode step at the planned length reads: every weight once, of the embedding nothing, as one row is next to nothing,
/// and the keys and values that the layers see, which is a window's where they have one.
/// </param>
public sealed record ShardNeed(string File, int FirstLayer, int LayerCount, string Device, MemoryParts Memory, long StepBytes);
