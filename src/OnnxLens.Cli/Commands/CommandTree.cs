using System.CommandLine;
using System.CommandLine.Help;
using OnnxLens.Cli.Completion;
using OnnxLens.Cli.Help;

namespace OnnxLens.Cli.Commands;

/// <summary>The program's commands.</summary>
internal static class CommandTree
{
    private const string Description =
        "Reads what a language model thinks, layer by layer: exports a Hugging Face checkpoint, or an ONNX decoder, to ONNX shards that show every site, decodes every layer and token through the model's own LM head (logit lens), and steers.\n"
        + "Exit codes: 0 done, 1 usage, 2 bad model or data, 3 a gate failed, 130 cancelled.";

    private const string Name = "onnxlens";

    /// <summary>Builds the tree. Nothing is run.</summary>
    public static Command Create(CliHost host)
    {
        // Not a RootCommand, which names itself after the file that runs.
        var root = new ExampleCommand(Name, Description,
        [
            "onnxlens demo",
            "onnxlens export path/to/checkpoint --out bundle",
            "onnxlens lens bundle --prompt 'Once upon a time'",
            "onnxlens sweep --help",
        ])
        {
            // Without '/h' and '/?', which here are paths.
            new HelpOption("--help", "-h", "-?") { Action = new HelpPage(host), Description = "Show this help." },
            new VersionOption { Action = new VersionLine(), Description = "Show the version, and those of ONNX Runtime and .NET." },
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
            CompletionCommand.Create(host),
        };
        FixedChoices.AddTo(root);
        return root;
    }

    /// <summary>The options of a command, those of the commands above it that hold here too.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) => command.Options
        .Concat(command.Parents.OfType<Command>().SelectMany(above => above.Options.Where(option => option.Recursive)))
        .Where(option => !option.Hidden);

    /// <summary>How a command is called, for messages.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is Command parent ? $"{NameOf(parent)} {command.Name}" : command.Name;
}
