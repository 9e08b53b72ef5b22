using System.CommandLine;
using OnnxLens.Cli.Commands;
using Spectre.Console.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>The program's commands, for tests that look at all of them.</summary>
internal static class CommandTrees
{
    /// <summary>The root.</summary>
    public static Command Root { get; } = CommandTree.Create(new CliHost { Console = new TestConsole(), Error = TextWriter.Null, OutputIsTerminal = false, ErrorIsTerminal = false, CacheFolder = "" });

    /// <summary>Every command and the words that call it, without the program's name.</summary>
    public static IEnumerable<(Command Command, string[] Words)> All() => Below(Root, []);

    private static IEnumerable<(Command Command, string[] Words)> Below(Command command, string[] words) =>
        command.Subcommands.SelectMany(below => Below(below, [.. words, below.Name])).Prepend((command, words));
}
