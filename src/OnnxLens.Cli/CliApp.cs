using System.CommandLine;
using System.Globalization;
using OnnxLens.Cli.Commands;
using OnnxLens.Cli.Completion;
using OnnxLens.Cli.Help;

namespace OnnxLens.Cli;

/// <summary>The edge of the program: parses, runs a command, and turns what went wrong into one message and an exit code.</summary>
internal static class CliApp
{
    /// <summary>How command lines are read: '@' begins a prompt as well as any other character, and '-abc' is no bundle of switches.</summary>
    public static ParserConfiguration Syntax { get; } = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Runs one command line.</summary>
    /// <param name="args">What the user wrote.</param>
    /// <param name="host">The world around.</param>
    /// <param name="cancellation">Ends the command; what was done until then is written.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliHost host, CancellationToken cancellation)
    {
        // Numbers are read and written alike everywhere. It holds within this call only.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        int code = await GuardAsync(args, host, cancellation).ConfigureAwait(false);
        try
        {
            // What was printed before a failure, which ending the process would otherwise meet unguarded.
            await host.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OutputException exception)
        {
            host.Complain($"error: {exception.Message}");
        }

        return code;
    }

    private static async Task<int> GuardAsync(IReadOnlyList<string> args, CliHost host, CancellationToken cancellation)
    {
        try
        {
            int code = await InvokeAsync(args, host, cancellation).ConfigureAwait(false);
            await host.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return code;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Fail(host, "cancelled", ExitCodes.Cancelled);
        }
        catch (UsageException exception)
        {
            return Fail(host, $"error: {exception.Message}", ExitCodes.Usage);
        }
        catch (OnnxLensException exception)
        {
            return Fail(host, $"error: {exception.Message}", ExitCodes.BadData);
        }
#pragma warning disable CA1031 // The edge of the program: whatever comes here is a bug, and is said in one message.
        catch (Exception exception)
        {
            return Fail(host, $"error: this is a bug in onnxlens, please report it: {exception.GetType().Name}: {exception.Message}", ExitCodes.BadData);
        }
#pragma warning restore CA1031
    }

    private static async Task<int> InvokeAsync(IReadOnlyList<string> args, CliHost host, CancellationToken cancellation)
    {
        Command root = CommandTree.Create(host);
        if (Suggestions.AreAskedFor(args, out string line))
        {
            Suggestions.For(root, line).ToList().ForEach(host.Out.WriteLine);
            return ExitCodes.Done;
        }

        ParseResult parsed = root.Parse(args.Count == 0 ? ["--help"] : args, Syntax);
        string? problem = Misspellings.Problem(parsed) ?? (parsed.Errors.Count > 0 ? parsed.Errors[0].Message.TrimEnd() : null);
        if (problem is not null && parsed.Action is not { ClearsParseErrors: true })
        {
            throw new UsageException($"{problem} Try '{CommandTree.NameOf(parsed.CommandResult.Command)} --help'.");
        }

        var invocation = new InvocationConfiguration
        {
            Output = host.Out,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        int code = await parsed.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
        return args.Count == 0 ? ExitCodes.Usage : code;
    }

    private static int Fail(CliHost host, string message, int code)
    {
        host.Complain(message);
        return code;
    }
}
