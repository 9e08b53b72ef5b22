namespace OnnxLens.Bench;

/// <summary>A file that the benchmark was given cannot be read or is not what it should be.</summary>
internal sealed class BenchDataException(string message, Exception? innerException = null) : OnnxLensException(message, innerException!);
