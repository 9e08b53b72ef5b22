using System.CommandLine;
using System.Text;
using OnnxLens.Bench.Reporting;

namespace OnnxLens.Bench.Commands;

/// <summary><c>page</c>: makes the page of documentation from the figures of one or more runs.</summary>
internal static class PageCommand
{
    private static readonly Option<string[]> Json = new("--json") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Files that 'run --json' wrote. The figures of a later one stand beside those of an earlier one." };
    private static readonly Option<string> Out = new("--out") { Required = true, Description = "The page." };
    private static readonly Option<bool> Check = new("--check") { Description = "Write nothing; end with code 3 where the page is not what the files give." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("page", "Make a page of figures.") { Json, Out, Check };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string page = PerformancePage.Write([.. parsed.GetRequiredValue(Json).Select(BenchReport.Read)]);
        string path = Path.GetFullPath(parsed.GetRequiredValue(Out));
        if (!parsed.GetValue(Check))
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
            return ExitCodes.Done;
        }

        if (File.Exists(path) && File.ReadAllText(path) == page)
        {
            return ExitCodes.Done;
        }

        Console.Error.WriteLine($"'{path}' is not what its figures give. Write it anew: the same command without '{Check.Name}'.");
        return ExitCodes.BoundMissed;
    }
}
