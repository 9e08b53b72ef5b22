using System.CommandLine;
using System.CommandLine.Help;

namespace OnnxLens.Cli.Commands;

/// <summary>The program's commands.</summary>
internal static class CommandTree
{
    private const string Description =
        """
        Reads what a language model thinks, layer by layer: exports a Hugging Face checkpoint to ONNX shards that show every
        site, and decodes every layer and token through the model's own LM head (logit lens).
        Exit codes: 0 done, 1 usage, 2 bad model or data, 3 a gate failed, 130 cancelled.
        """;

    private const string Name = "onnxlens";
    private const int PlainWidth = 120;

    /// <summary>Builds the tree. Nothing is run.</summary>
    public static Command Create(CliHost host)
    {
        // Not a RootCommand, which names itself after the file that runs.
        var help = new HelpOption();
        if (help.Action is HelpAction usual)
        {
            usual.MaxWidth = host.OutputIsTerminal ? host.Console.Profile.Width : PlainWidth;
            help.Action = new ExampleHelp(usual);
        }

        return new Command(Name, Description)
        {
            help,
            new VersionOption { Action = new VersionLine() },
            DemoCommand.Create(host),
            ExportCommand.Create(host),
            InstrumentCommand.Create(host),
            InfoCommand.Create(host),
            TokenizeCommand.Create(host),
            LensCommand.Create(host),
            GenerateCommand.Create(host),
            DatasetCommand.Create(host),
            VectorCommand.Create(host),
            SweepCommand.Create(host),
            DriftCommand.Create(host),
            GateCommand.Create(host),
        };
    }

    /// <summary>How a command is called, for messages.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is Command parent ? $"{NameOf(parent)} {command.Name}" : command.Name;
}
