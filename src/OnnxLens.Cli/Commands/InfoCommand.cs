using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens info</c>: what a bundle or checkpoint is.</summary>
internal static class InfoCommand
{
    private const string Description = "Prints family, sizes, sites, shards, precision, memory needed and hashes of a bundle or checkpoint, or what is found in an ONNX decoder of another program.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> folder = Options.Folder("model", "A lens bundle, a checkpoint folder, or a folder or file with an ONNX decoder.");
        Option<bool> json = Options.Switch("--json", "Print it as JSON.");
        var command = new ExampleCommand("info", Description, ["onnxlens info bundle", "onnxlens info path/to/checkpoint --json", "onnxlens info path/to/onnx", "onnxlens info bundle --plan --length 1500 --prompt-length 32 --memory-budget 500MiB"]) { folder, json };
        var plan = new MemoryPlanOptionSet();
        plan.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(folder);
            if (path.Length == 0)
            {
                throw new UsageException("The name of the model is empty. Give a bundle, a checkpoint folder, or a folder or file with an ONNX decoder.");
            }

            if (plan.IsAsked(parsed))
            {
                MemoryPlanText.Print(host.Out, plan.Make(parsed, Bundle(path)), parsed.GetValue(json));
                return ExitCodes.Done;
            }

            ModelInfo info = Read(host, path);
            if (parsed.GetValue(json))
            {
                InfoJson.Write(host.Out, info);
            }
            else
            {
                InfoPrinter.Print(host.Out, info);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static LensBundle Bundle(string path) => ModelPath.KindOf(path) == ModelKind.Bundle
        ? LensBundle.Open(path)
        : throw new InputException($"'{path}' is no lens bundle, and a plan is made for one. Make it with 'onnxlens export' or 'onnxlens instrument'; what an export would take is said by 'onnxlens export --dry-run'.");

    /// <summary>What is going on is for someone who waits: without a terminal nothing is said.</summary>
    private static ModelInfo Read(CliHost host, string path)
    {
        using var progress = new ProgressLine(host, quiet: !host.ErrorIsTerminal);
        return ModelInfo.Read(path, new LensModelOptions().HeadMemoryBytes, progress);
    }
}
