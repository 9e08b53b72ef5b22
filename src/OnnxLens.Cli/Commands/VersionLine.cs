using System.CommandLine;
using System.CommandLine.Invocation;

namespace OnnxLens.Cli.Commands;

/// <summary>Prints the program's name and version, as they stand in every file it writes.</summary>
internal sealed class VersionLine : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(Provenance.ThisTool);
        return ExitCodes.Done;
    }
}
