using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens dataset info</c>: what a file of pairs or contrast prompts holds.</summary>
internal static class DatasetInfoCommand
{
    private const string Description =
        "Prints rows, splits, hash, balance of letters, duplicates and malformed rows of a dataset; with a bundle also what its tokenizer makes of it: pairs that can be used, lengths, label tokens.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> file = Options.Folder("file", "Pairs (question, answer_matching_behavior, answer_not_matching_behavior) or contrast prompts (positive, negative), as JSON, JSONL or CSV.");
        Option<string?> folder = Options.Text("--bundle", "DIR", "A lens bundle whose tokenizer shall read it; or a checkpoint, which is exported to a cache first.");
        var rows = new DatasetOptionSet();
        Option<bool> json = Options.Switch("--json", "Print it as JSON, with every skipped row.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("info", Description,
        [
            "onnxlens dataset info bold-train.json",
            "onnxlens dataset info bold-train.json --bundle bundle --json",
            "onnxlens dataset info bold.json --splits bold-splits.json --split train --bundle bundle --chat",
        ])
        { file, folder };
        rows.AddWithoutLimitTo(command);
        command.Add(json);
        command.Add(quiet);
        command.SetAction((parsed, cancellation) =>
        {
            DatasetInfo info = Read(host, parsed.GetRequiredValue(file), parsed.GetValue(folder), rows.Read(parsed, takesOneSplit: false), parsed.GetValue(quiet), cancellation);
            if (parsed.GetValue(json))
            {
                DatasetJson.Write(host.Out, info);
            }
            else
            {
                DatasetPrinter.Print(host.Out, info);
            }

            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static DatasetInfo Read(CliHost host, string path, string? folder, DatasetArguments rows, bool quiet, CancellationToken cancellation)
    {
        if (path.Length == 0 || rows.SplitFile is "")
        {
            throw new UsageException("The name of a file is empty. Give a path.");
        }

        if (folder is null)
        {
            return rows.Chat is not null
                ? throw new UsageException("--chat puts rows through a model's chat template. Give --bundle DIR too.")
                : DatasetInfo.Read(path, rows, bundle: null);
        }

        using var progress = new ProgressLine(host, quiet);
        LensBundle bundle = new ModelSource(host, quiet, progress) { WillRun = false }.Open(folder, new LensModelOptions(), cancellation);
        progress.Report("reading the dataset");
        return DatasetInfo.Read(path, rows, bundle);
    }
}
