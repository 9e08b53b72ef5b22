using System.CommandLine;
using OnnxLens.Cli.Rendering;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector info</c>: what a file of vectors holds.</summary>
internal static class VectorInfoCommand
{
    private const string Description = "Prints format, sites, layers, norms, hash and origin of a file of steering vectors: .safetensors, .gguf, .npz, .npy or .svec.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var file = new Argument<string>("file") { Description = "The file." };
        Option<bool> json = Options.Switch("--json", "Print it as JSON.");
        var command = new ExampleCommand("info", Description, ["onnxlens vector info happy.safetensors", "onnxlens vector info happy.gguf --json"]) { file, json };
        command.SetAction(parsed =>
        {
            VectorFileContent content = VectorFile.Read(parsed.GetRequiredValue(file));
            if (parsed.GetValue(json))
            {
                VectorJson.Write(host.Out, content);
            }
            else
            {
                VectorPrinter.Print(host, content);
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
