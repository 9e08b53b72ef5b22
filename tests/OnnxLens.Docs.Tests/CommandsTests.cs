using System.CommandLine;
using System.Text.RegularExpressions;
using OnnxLens.Cli;
using OnnxLens.Cli.Tests;
using OnnxLens.Docs.Tests.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests;

/// <summary>What can be said of the pages' commands without running them: patterns with placeholders too have real commands and options.</summary>
[TestClass]
public sealed partial class CommandsTests
{
    private static IEnumerable<(string Where, string Line)> ShellLines => LinesOf(block => true);

    private static IEnumerable<(string Where, string Line)> LinesOf(Func<DocBlock, bool> choose) =>
        from page in DocPage.All
        from block in page.Blocks
        where block.Language == "sh" && choose(block)
        from line in ShellBlock.Lines(block)
        select ($"{page.Name}, block at line {block.Line}", line);

    [TestMethod]
    public void Calls_OfOnnxLens_AreParsedByTheProgram()
    {
        // What the page of errors shows as a wrong command line is one: that test is another.
        (string Where, string Line)[] lines = [.. LinesOf(block => !block.Heading.StartsWith("Exit code 1", StringComparison.Ordinal)), .. WorkflowLines()];
        int calls = 0;
        foreach ((string where, string line) in lines)
        {
            foreach (string[] words in ShellBlock.Calls(line))
            {
                AssertParses(words, where);
                calls++;
            }
        }

        Assert.IsGreaterThan(50, calls);
    }

    [TestMethod]
    public void Lines_ThatAreNoCallOfOnnxLens_AreThingsOfAPlainShell()
    {
        string[] plain = ["onnxlens", "printf", "for", "done", "cat", "head", "mkdir", "cp", "rm", "git", "cd"];
        foreach ((string where, string line) in ShellLines.Where(line => NotRun.Reason(line.Line) is null))
        {
            Assert.Contains(ShellBlock.Words(line.Trim())[0], plain, $"{where}: '{line}' is neither run nor an exception in {nameof(NotRun)}");
        }
    }

    [TestMethod]
    public void Exceptions_All_StandInAPage() => Assert.IsEmpty(NotRun.Unused([.. ShellLines.Select(line => line.Line)]));

    [TestMethod]
    public void Projects_ThatArePutToDotnet_AreThere()
    {
        foreach ((string where, string line) in ShellLines)
        {
            foreach (Match match in Project().Matches(line))
            {
                Assert.IsTrue(Directory.Exists(Path.Combine(RepositoryRoot.Path, match.Groups[1].Value)), $"{where}: there is no {match.Groups[1].Value}");
            }
        }
    }

    private static IEnumerable<(string Where, string Line)> WorkflowLines() =>
        from page in DocPage.All
        from block in page.Blocks
        where block.Language == "yaml"
        from line in block.Text.Split('\n')
        where line.Contains("run: ", StringComparison.Ordinal)
        select ($"{page.Name}, block at line {block.Line}", line[(line.IndexOf("run: ", StringComparison.Ordinal) + "run: ".Length)..]);

    private static void AssertParses(string[] words, string where)
    {
        ParseResult parsed = CommandTrees.Root.Parse(words, CliApp.Syntax);
        Assert.IsEmpty(parsed.Errors, $"{where}: onnxlens {string.Join(' ', words)}\n{string.Join('\n', parsed.Errors)}");
    }

    [GeneratedRegex("--project ([^ ]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Project();
}
