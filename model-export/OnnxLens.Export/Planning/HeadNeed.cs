namespace OnnxLens.Export.Planning;

/// <summary>The LM head as an export would write it, and what it takes.</summary>
/// <param name="Device">The device it would be exported for, that of the last shard.</param>
/// <param name="Rows">Rows that one call decodes at most.</param>
/// <param name="Memory">What it takes there.</param>
/// <param name="StepBytes">Bytes that the logits of one token read: every weight once.</param>
public sealed record HeadNeed(string Device, int Rows, MemoryParts Memory, long StepBytes);
