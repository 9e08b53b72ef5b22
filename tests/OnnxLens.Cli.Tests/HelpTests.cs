using System.CommandLine;
using System.CommandLine.Parsing;
using OnnxLens.Cli.Commands;
using OnnxLens.Cli.Help;

namespace OnnxLens.Cli.Tests;

/// <summary>The help of every command, found by walking the tree: nobody has to remember to add a new one here.</summary>
[TestClass]
public sealed class HelpTests
{
    private const int PlainWidth = 80;
    private const int ManyOptions = 12;

    [TestMethod]
    public void Tree_EveryCommand_HasADescriptionAndExamples()
    {
        foreach ((Command command, string[] words) in CommandTrees.All())
        {
            string name = string.Join(' ', words);
            Assert.IsFalse(string.IsNullOrWhiteSpace(command.Description), name);
            Assert.IsInstanceOfType<ExampleCommand>(command, name);
            Assert.IsNotEmpty(((ExampleCommand)command).Examples, name);
            foreach (Symbol symbol in command.Options.Cast<Symbol>().Concat(command.Arguments))
            {
                Assert.IsFalse(string.IsNullOrWhiteSpace(symbol.Description), $"{name} {symbol.Name}");
            }
        }
    }

    [TestMethod]
    public void Tree_EveryExample_IsACommandLineThatTheCommandTakes()
    {
        using var runner = new CliRunner();
        foreach ((Command command, string[] words) in CommandTrees.All())
        {
            foreach (string example in ((ExampleCommand)command).Examples)
            {
                string start = string.Join(' ', words.Prepend("onnxlens"));
                Assert.StartsWith(start + " ", example + " ");
                string[] args = [.. CommandLineParser.SplitCommandLine(example.Split('>')[0].Trim().Replace('\'', '"')).Skip(1)];
                Assert.IsEmpty(CommandTrees.Root.Parse(args, CliApp.Syntax).Errors, example);
                if (words is not ["demo"])
                {
                    // Its files are not here. That options do not go together would be said first.
                    CliOutcome outcome = runner.Invoke(args);
                    Assert.AreNotEqual(ExitCodes.Usage, outcome.Code, $"{example}: {outcome.Error}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(60)]
    [DataRow(80)]
    [DataRow(400)]
    public void Help_EveryCommand_FitsItsWidth(int? terminal)
    {
        using var runner = new CliRunner { TerminalWidth = terminal };
        foreach ((_, string[] words) in CommandTrees.All())
        {
            CliOutcome outcome = runner.Invoke([.. words, "--help"]).Expect(ExitCodes.Done);
            Assert.AreEqual("", outcome.Error);

            // An example is broken between its options only, so that it can be copied.
            string[] lines = [.. outcome.Lines.TakeWhile(line => terminal is not 60 || line != "Examples:")];
            string longest = lines.MaxBy(line => line.Length)!;
            Assert.IsLessThanOrEqualTo(Math.Min(terminal ?? PlainWidth, 110), longest.Length, $"{string.Join(' ', words)}: {longest}");
        }
    }

    [TestMethod]
    [DataRow(null, 62)]
    [DataRow(null, 130)]
    [DataRow(100, 62)]
    [DataRow(60, 130)]
    public void Help_ColumnsAskedFor_GoBeforeTheTerminalsAndTheUsual(int? terminal, int columns)
    {
        using var runner = new CliRunner { TerminalWidth = terminal, Columns = columns };
        int longest = runner.Invoke("sweep", "--help").Expect(ExitCodes.Done).Lines.TakeWhile(line => line != "Examples:").Max(line => line.Length);
        Assert.IsInRange(columns - 6, columns, longest);
    }

    [TestMethod]
    [DataRow("72", 72)]
    [DataRow("0", null)]
    [DataRow("-3", null)]
    [DataRow("wide", null)]
    [DataRow("", null)]
    [DataRow(null, null)]
    public void Columns_Variable_IsAWholeNumberAboveNothing(string? text, int? columns) =>
        Assert.AreEqual(columns, ScreenColumns.Asked(name => name == "COLUMNS" ? text : null));

    [TestMethod]
    public void Help_EveryOptionAndExample_IsThere()
    {
        foreach ((Command command, string[] words) in CommandTrees.All())
        {
            string help = CliRunner.Run([.. words, "--help"]).Expect(ExitCodes.Done).Out;
            foreach (Option option in command.Options.Where(option => option.Name is not ("--help" or "--version")))
            {
                Assert.Contains($"\n  {option.Name} ", help, string.Join(' ', words));
            }

            string joined = help.Replace(" \\\n    ", " ", StringComparison.Ordinal);
            foreach (string example in ((ExampleCommand)command).Examples)
            {
                Assert.Contains($"\n  {example}\n", joined);
            }
        }
    }

    [TestMethod]
    public void Headings_CommandsWithManyOptions_HaveOneForEach()
    {
        foreach ((Command command, string[] words) in CommandTrees.All().Where(entry => entry.Command.Options.Count >= ManyOptions))
        {
            string[] named = [.. OptionHeadings.Of(command.Name).SelectMany(section => section.Options)];
            Assert.AreSequenceEqual(
                command.Options.Select(option => option.Name).Order(StringComparer.Ordinal).ToArray(),
                named.Order(StringComparer.Ordinal).ToArray(),
                $"'{string.Join(' ', words)}' has {ManyOptions} options or more: {nameof(OptionHeadings)} must name each of them, once, and no other.");
        }
    }

    [TestMethod]
    public void Version_FirstWords_AreThoseOfTheFilesAndTheLineIsOne()
    {
        string line = CliRunner.Run("--version").Expect(ExitCodes.Done).Out;
        Assert.StartsWith(Provenance.ThisTool + " (", line);
        Assert.EndsWith(")\n", line);
        Assert.AreEqual(1, line.Count(letter => letter == '\n'));
        foreach (string fact in new[] { "ONNX Runtime 1.", "providers ", "CPU", "precisions fp32 fp16 bf16 int4 int8", $".NET {Environment.Version}" })
        {
            Assert.Contains(fact, line);
        }
    }
}
