using System.CommandLine;
using OnnxLens;
using OnnxLens.Bench.Commands;

var root = new RootCommand("Measures OnnxLens, and makes random checkpoints to measure it on.")
{
    CheckpointCommand.Create(),
    RunCommand.Create(),
    PageCommand.Create(),
    ExportOnceCommand.Create(),
    LoadOnceCommand.Create(),
    MemoryOnceCommand.Create(),
    WindowOnceCommand.Create(),
};

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    await parsed.InvokeAsync();
    return ExitCodes.Usage;
}

var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
try
{
    return await parsed.InvokeAsync(configuration);
}
catch (OnnxLensException exception)
{
    Console.Error.WriteLine(exception.Message);
    return exception is SelectionException ? ExitCodes.Usage : ExitCodes.BadData;
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.Usage;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled.");
    return ExitCodes.Cancelled;
}
