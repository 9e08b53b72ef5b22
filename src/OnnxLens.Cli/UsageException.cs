namespace OnnxLens.Cli;

/// <summary>The command line is wrong in a way that the parser alone cannot see.</summary>
internal sealed class UsageException(string message) : OnnxLensException(message);
