namespace OnnxLens.Bench.Commands;

/// <summary>What one export in a process of its own cost.</summary>
/// <param name="Seconds">Time of the export, start of the process not counted.</param>
/// <param name="PeakResidentBytes">The largest resident set, file pages of mapped weights counted.</param>
/// <param name="PeakAnonymousBytes">The largest memory of the process's own, as sampled.</param>
/// <param name="BytesWritten">What the exporter says it wrote.</param>
/// <param name="FileBytes">Files in the bundle that are not the checkpoint's weight files.</param>
/// <param name="KernelBytesWritten">Bytes that the process handed to write calls.</param>
internal sealed record ExportOnceResult(
    double Seconds, long PeakResidentBytes, long PeakAnonymousBytes, long BytesWritten, long FileBytes, long KernelBytesWritten);
