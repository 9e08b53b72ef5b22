namespace OnnxLens.Export.Planning;

/// <summary>What all that sits on one device takes.</summary>
/// <param name="Device">The device.</param>
/// <param name="Memory">The sum of its shards and, where it is there, the LM head.</param>
public sealed record DeviceNeed(string Device, MemoryParts Memory);
