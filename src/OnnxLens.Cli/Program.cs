using System.Runtime.InteropServices;
using System.Text;
using OnnxLens;
using OnnxLens.Cli;
using Spectre.Console;

var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (OperatingSystem.IsWindows())
{
    Console.OutputEncoding = utf8;
}

using var output = new StreamWriter(new StandardStream(Console.OpenStandardOutput(), "standard output"), utf8) { NewLine = "\n" };
using var error = new StreamWriter(new StandardStream(Console.OpenStandardError(), name: null), utf8) { NewLine = "\n", AutoFlush = true };
using var cancellation = new CancellationTokenSource();

// The first signal asks the command to end; a second one ends the process, without what it had begun to write.
int signals = 0;
void Cancel(PosixSignalContext signal)
{
    if (Interlocked.Increment(ref signals) > 1)
    {
        UnfinishedFiles.OfProcess.DiscardAll();
        return;
    }

    signal.Cancel = true;
    cancellation.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);

bool plain = Console.IsOutputRedirected;
int? columns = ScreenColumns.Asked(Environment.GetEnvironmentVariable);
bool colourless = plain || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
var settings = new AnsiConsoleSettings
{
    Out = new AnsiConsoleOutput(output),
    Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
    ColorSystem = colourless ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    Interactive = InteractionSupport.No,
};
IAnsiConsole console = AnsiConsole.Create(settings);
if (!plain && columns is int width)
{
    console.Profile.Width = width;
}

var host = new CliHost
{
    Console = console,
    Columns = columns,
    Error = error,
    OutputIsTerminal = !plain,
    ErrorIsTerminal = !Console.IsErrorRedirected,
    CacheFolder = StandardFolders.Cache(Environment.GetEnvironmentVariable),
};
return await CliApp.RunAsync(args, host, cancellation.Token);
