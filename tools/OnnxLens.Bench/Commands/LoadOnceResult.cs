namespace OnnxLens.Bench.Commands;

/// <summary>What opening a bundle once cost a process of its own.</summary>
/// <param name="Seconds">From the folder to a model that can run; the start of the process is not counted, compiling the code that opens it is.</param>
/// <param name="AgainSeconds">The same a second time in the process, when that code is compiled.</param>
/// <param name="ReadBytes">Bytes that read calls brought, the first time.</param>
/// <param name="MappedBytes">The most pages of mapped files that were in memory at once, the first time.</param>
/// <param name="AnonymousBytes">Memory of the process's own that was added, the first time.</param>
internal sealed record LoadOnceResult(double Seconds, double AgainSeconds, long ReadBytes, long MappedBytes, long AnonymousBytes);
