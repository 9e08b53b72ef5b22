namespace OnnxLens.Cli;

/// <summary>A file that the user named cannot be read, or does not hold what it should.</summary>
internal sealed class InputException(string message, Exception? innerException = null) : OnnxLensException(message, innerException!);
