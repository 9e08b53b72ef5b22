using System.Buffers;
using System.CommandLine;
using System.CommandLine.Invocation;
using OnnxLens.Cli.Commands;

namespace OnnxLens.Cli.Help;

/// <summary>The help of a command: what it does, its arguments, its options under headings, and examples.</summary>
internal sealed class HelpPage(CliHost host) : SynchronousCommandLineAction
{
    /// <summary>Columns where output goes elsewhere and nobody says how many.</summary>
    private const int PlainWidth = 80;

    /// <summary>Columns beyond which lines are hard to read.</summary>
    private const int MostWidth = 110;

    private static readonly SearchValues<string> SentenceEnds = SearchValues.Create([": ", "; ", ". "], StringComparison.Ordinal);

    private int Width => host.Columns ?? (host.OutputIsTerminal ? Math.Min(host.Console.Profile.Width, MostWidth) : PlainWidth);

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        var page = new HelpWriter(parseResult.InvocationConfiguration.Output, Width);
        page.Paragraphs("Description", command.Description ?? "");
        page.Paragraphs("Usage", Usage(command));
        page.Rows("Arguments", [.. command.Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? ""))]);
        page.Rows("Commands", [.. command.Subcommands.Select(below => (below.Name, Summary(below.Description ?? "")))]);
        WriteOptions(page, command);
        page.Examples((command as ExampleCommand)?.Examples ?? []);
        return ExitCodes.Done;
    }

    private static string Usage(Command command) => string.Join(' ',
        command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[<{argument.Name}>]" : $"<{argument.Name}>")
            .Prepend(CommandTree.NameOf(command))
            .Append(command.Subcommands.Count > 0 ? "[command] [options]" : "[options]"));

    /// <summary>The first sentence, or what of it stands before its details.</summary>
    private static string Summary(string description)
    {
        int end = description.AsSpan().IndexOfAny(SentenceEnds);
        return end < 0 ? description.TrimEnd('.') : description[..end];
    }

    private static void WriteOptions(HelpWriter page, Command command)
    {
        Option[] left = [.. CommandTree.OptionsOf(command)];
        foreach ((string heading, string[] names) in OptionHeadings.Of(command.Name))
        {
            Option[] here = [.. names.Select(name => Array.Find(left, option => option.Name == name)).OfType<Option>()];
            page.Rows(heading, [.. here.Select(Row)]);
            left = [.. left.Except(here)];
        }

        page.Rows("Options", [.. left.Select(Row)]);
    }

    private static (string Label, string Text) Row(Option option)
    {
        // '-?' works as well, and nobody looks for it here.
        IEnumerable<string> names = option.Aliases.Where(alias => alias != "-?").Append(option.Name).Distinct();
        string label = string.Join(", ", names) + (option.HelpName is string value ? $" <{value}>" : "");
        return (label, option.Required ? $"{option.Description} Required." : option.Description ?? "");
    }
}
