namespace OnnxLens.Bench.Commands;

/// <summary>What opening a bundle once read and took in a process of its own.</summary>
/// <param name="Read">Bytes that read calls brought.</param>
/// <param name="Mapped">The most pages of mapped files that were in memory at once.</param>
/// <param name="Anonymous">Memory of the process's own that was added.</param>
internal sealed record LoadBytes(long Read, long Mapped, long Anonymous);
