using OnnxLens.Testing;
using Spectre.Console;
using Spectre.Console.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>Runs command lines within the process, with a console of its own. Owns a cache folder.</summary>
internal sealed class CliRunner : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Columns of the terminal; null is output that goes elsewhere.</summary>
    public int? TerminalWidth { get; init; }

    /// <summary>Columns that the environment asks for.</summary>
    public int? Columns { get; init; }

    /// <summary>True: colours are written as escape sequences.</summary>
    public bool Colours { get; init; }

    /// <summary>Where standard error goes in place of a string.</summary>
    public TextWriter? Error { get; init; }

    /// <summary>The cache.</summary>
    public string CacheFolder => _folder["cache"];

    /// <summary>A path in a folder that goes with this object.</summary>
    public string this[string relative] => _folder[relative];

    /// <summary>Runs one command line on plain output.</summary>
    public static CliOutcome Run(params string[] args)
    {
        using var runner = new CliRunner();
        return runner.Invoke(args);
    }

    /// <summary>Runs one command line.</summary>
    public CliOutcome Invoke(params string[] args) => Invoke(CancellationToken.None, args);

    /// <summary>Runs one command line that can be cancelled.</summary>
    public CliOutcome Invoke(CancellationToken cancellation, params string[] args)
    {
        using TestConsole console = new TestConsole().Width(TerminalWidth ?? 80).Colors(Colours ? ColorSystem.TrueColor : ColorSystem.NoColors);
        console.EmitAnsiSequences = Colours;
        using var error = new StringWriter { NewLine = "\n" };
        console.Profile.Out.Writer.NewLine = "\n";
        var host = new CliHost
        {
            Console = console,
            Error = Error ?? error,
            OutputIsTerminal = TerminalWidth is not null,
            ErrorIsTerminal = false,
            CacheFolder = CacheFolder,
            Columns = Columns,
        };
        int code = CliApp.RunAsync(args, host, cancellation).GetAwaiter().GetResult();
        return new CliOutcome(code, console.Output, (Error ?? error).ToString()!);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
