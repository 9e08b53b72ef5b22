using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector convert</c>: one format to another.</summary>
internal static class VectorConvertCommand
{
    private const string Description = "Reads vectors from any format that is known, and writes them as .safetensors, or as a .gguf control vector for llama.cpp.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> source = VectorInput.Argument("in", "The file to read");
        var target = new Argument<string>("out") { Description = "The file to write; it ends with .safetensors or .gguf." };
        Option<string?> site = Options.Text("--site", "SITE", "Take this site only; where the file names none, its layers are of this site. Default: every site; resid_post where none is named.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("convert", Description,
        [
            "onnxlens vector convert happy.gguf happy.safetensors",
            "onnxlens vector convert layers.npz happy.safetensors --site mlp_in",
            "onnxlens vector convert happy.safetensors@resid_post.1-15 happy.gguf",
        ])
        { source, target, site, quiet };
        command.SetAction(parsed =>
        {
            VectorSelector selector = VectorInput.Parse(parsed.GetRequiredValue(source));
            if (parsed.GetValue(site) is string name)
            {
                selector = selector.Site is null
                    ? selector with { Site = UsageException.OfOption(() => Sites.Parse(name)) }
                    : throw new UsageException("The site is given twice. Give it either with '@' after the file or with --site.");
            }

            string path = parsed.GetRequiredValue(target);
            VectorInput.RequireTarget(path);
            OutputPaths.RequireApart([path], [selector.Path]);
            var input = VectorInput.Read(selector);
            VectorFile.Write(path, input.Vectors);
            VectorPrinter.PrintWritten(host, path, input.Vectors, parsed.GetValue(quiet) ? [] : input.Content.Notes);
            return ExitCodes.Done;
        });
        return command;
    }
}
