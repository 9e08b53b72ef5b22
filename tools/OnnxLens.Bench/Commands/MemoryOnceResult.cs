namespace OnnxLens.Bench.Commands;

/// <summary>What one way took in a process of its own.</summary>
/// <param name="OpenedBytes">Anonymous memory once its sessions are open.</param>
/// <param name="PeakBytes">The most that the job took beyond that, as sampled.</param>
internal sealed record MemoryOnceResult(long OpenedBytes, long PeakBytes);
