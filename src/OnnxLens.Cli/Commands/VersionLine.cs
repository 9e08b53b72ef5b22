using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>
/// Prints one line: the program's name and version as they stand in every file it writes, and behind them what a report of a fault needs.
/// </summary>
internal sealed class VersionLine : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var runtime = RuntimeFacts.Read();
        string[] facts =
        [
            runtime is null ? "ONNX Runtime cannot be loaded" : $"ONNX Runtime {runtime.Version}",
            .. runtime is null ? Array.Empty<string>() : [$"providers {string.Join(' ', runtime.Providers)}"],
            $"precisions {string.Join(' ', PrecisionOptionSet.Types.Skip(1))}",
            RuntimeInformation.FrameworkDescription,
            $"{RuntimeInformation.RuntimeIdentifier}, {RuntimeInformation.OSDescription}",
        ];
        parseResult.InvocationConfiguration.Output.WriteLine($"{Provenance.ThisTool} ({string.Join("; ", facts)})");
        return ExitCodes.Done;
    }
}
