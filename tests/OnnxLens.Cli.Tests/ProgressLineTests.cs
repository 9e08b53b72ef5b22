using OnnxLens.Cli.Rendering;
using Spectre.Console.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>Progress: nothing within the first second, then one line that changes, or a line for each phase.</summary>
[TestClass]
public sealed class ProgressLineTests
{
    [TestMethod]
    public void Progress_Terminal_ChangesOneLineAndTakesItAway()
    {
        (string before, string after, TimeSpan due) = Run(terminal: true, quiet: false);
        Assert.AreEqual("", before);
        Assert.AreEqual(TimeSpan.FromSeconds(1), due);
        Assert.AreEqual($"reading …\r{new string(' ', 9)}\rdecoding 3/10\r{new string(' ', 13)}\r", after);
    }

    [TestMethod]
    public void Progress_Piped_IsALineForEachPhase() => Assert.AreEqual("reading …\ndecoding …\n", Run(terminal: false, quiet: false).After);

    [TestMethod]
    public void Progress_Quiet_SaysNothing() => Assert.AreEqual("", Run(terminal: true, quiet: true).After);

    private static (string Before, string After, TimeSpan Due) Run(bool terminal, bool quiet)
    {
        using var console = new TestConsole();
        using var error = new StringWriter { NewLine = "\n" };
        var time = new ManualTime();
        var host = new CliHost { Console = console, Error = error, OutputIsTerminal = false, ErrorIsTerminal = terminal, CacheFolder = "" };
        string before;
        using (var progress = new ProgressLine(host, quiet, time))
        {
            progress.Report("reading");
            before = error.ToString();
            time.Tick();
            progress.Begin("decoding", 10);
            progress.Report(3);
            time.Tick();
            if (!terminal)
            {
                time.Tick();
            }
        }

        time.Tick();
        return (before, error.ToString(), time.Due);
    }
}
