using Spectre.Console;

namespace OnnxLens.Cli;

/// <summary>Everything that a command touches of the world around it, so that a test can give it another one.</summary>
internal sealed class CliHost
{
    /// <summary>Standard output.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>Standard error: messages and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True where standard output is a terminal: tables are coloured and fitted to its width. Else output is plain text.</summary>
    public required bool OutputIsTerminal { get; init; }

    /// <summary>True where standard error is a terminal, so that progress can be a line that changes.</summary>
    public required bool ErrorIsTerminal { get; init; }

    /// <summary>Where bundles made on the way are kept.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Columns of a line that the environment asks for, in a terminal and elsewhere; null where it does not say.</summary>
    public int? Columns { get; init; }

    /// <summary>Standard output as plain text.</summary>
    public TextWriter Out => Console.Profile.Out.Writer;

    /// <summary>Tells the user something beside the result, behind what was printed before.</summary>
    /// <exception cref="OutputException">Standard output refuses what was printed.</exception>
    public void Note(string message)
    {
        Out.Flush();
        Complain(message);
    }

    /// <summary>Says what went wrong, whatever became of standard output.</summary>
    public void Complain(string message) => Error.WriteLine(Rendering.VisibleText.ForTerminal(message));
}
