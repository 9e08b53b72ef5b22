namespace OnnxLens.Cli;

/// <summary>What the program answers to the shell.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>The command line is malformed or contradicts itself, whatever the model.</summary>
    public const int Usage = 1;

    /// <summary>A model or a file is bad, cannot be read or written, or does not have what was asked for: a layer, a position, a token.</summary>
    public const int BadData = 2;

    /// <summary>A gate failed: the result was read, and does not hold its baseline.</summary>
    public const int GateFailed = 3;

    /// <summary>Cancelled by the user; what was done until then was written.</summary>
    public const int Cancelled = 130;
}
