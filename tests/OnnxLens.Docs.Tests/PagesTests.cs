using System.Globalization;
using System.Text.RegularExpressions;
using OnnxLens.Docs.Tests.Pages;

namespace OnnxLens.Docs.Tests;

/// <summary>Every command of every page runs as it is written, from a clone's root, in the order of its page, and prints what the page shows.</summary>
[TestClass]
public sealed partial class PagesTests
{
    /// <summary>The pages with commands that run.</summary>
    public static IEnumerable<object[]> Runnable =>
        DocPage.All.Where(page => page.Blocks.Any(block => Script(block).Length > 0)).Select(page => new object[] { page.Name });

    [TestMethod]
    [TestCategory("Pages")]
    [DynamicData(nameof(Runnable))]
    public void Commands_OfThePage_RunAsWritten(string name)
    {
        using var shell = new PageShell();
        DocPage page = DocPage.Of(name);
        (string Output, string Error)? last = null;
        string commands = "";
        List<string> problems = [];
        foreach (DocBlock block in page.Blocks)
        {
            string where = $"{name}, line {block.Line}";
            if (block.Language == "sh")
            {
                last = null;
                commands = Script(block);
                if (commands.Length > 0)
                {
                    (int code, string output, string error) = shell.Run(commands);
                    last = (output, error);
                    if (code != ExpectedCode(block))
                    {
                        problems.Add($"{where}: exit code {code} where {ExpectedCode(block)} was expected, of\n{commands}\nout: {output}\nerror: {error}");
                    }
                }
            }
            else if (block.Language == "text" && last is (string printed, string said))
            {
                bool isError = block.Text.StartsWith("error: ", StringComparison.Ordinal);
                var shown = new ShownText(block.Text, commands.Contains("int4", StringComparison.Ordinal));
                if (!shown.IsIn(isError ? said : printed))
                {
                    problems.Add($"{where} shows\n{block.Text}\nbut this was printed:\n{(isError ? said : printed)}");
                }
            }
        }

        Assert.IsEmpty(problems, string.Join("\n\n", problems));
    }

    /// <summary>What of a block is run: nothing of a pattern, no line that is an exception.</summary>
    private static string Script(DocBlock block) => block.Language != "sh" || ShellBlock.IsPattern(block)
        ? ""
        : string.Join('\n', block.Text.Split('\n').Where(line => line.Length > 0 && NotRun.Reason(line) is null));

    /// <summary>The exit code that the section is about; 0 where it is about none.</summary>
    private static int ExpectedCode(DocBlock block) => Code().Match(block.Heading) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^Exit code ([0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
