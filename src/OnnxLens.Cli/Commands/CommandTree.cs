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

    /// <summary>Builds the tree. Nothing is run.</summary>
    public static RootCommand Create(CliHost host)
    {
        var root = new RootCommand(Description)
        {
            DemoCommand.Create(host),
            ExportCommand.Create(host),
            InfoCommand.Create(host),
            TokenizeCommand.Create(host),
            LensCommand.Create(host),
            GenerateCommand.Create(host),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is HelpAction usual)
            {
                help.Action = new ExampleHelp(usual);
            }
        }

        return root;
    }

    /// <summary>How a command is called, for messages.</summary>
    public static string NameOf(Command command) => command is RootCommand ? "onnxlens" : $"onnxlens {command.Name}";
}
