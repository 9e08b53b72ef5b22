using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens dataset split</c>: says of each row of a dataset which split it is in.</summary>
internal static class DatasetSplitCommand
{
    private const string Description =
        "Puts the rows of a dataset into splits by seed and writes which row is in which, for --splits of 'sweep' and 'vector extract'. Rows that ask the same question, with its options in whatever order, stay together; rows that no split takes are in 'rest'.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> file = Options.Folder("file", "Pairs (question, answer_matching_behavior, answer_not_matching_behavior), as JSON, JSONL or CSV.");
        var parts = new Option<string>("--parts") { HelpName = "LIST", Description = "The splits with commas: fractions of the rows, train=0.5,test=0.5, which are met about; or exact numbers of rows, train=200,test=96.", Required = true };
        var target = new Option<string>("--out") { HelpName = "FILE", Description = "The file of splits to write, JSON.", Required = true };
        Option<ulong?> seed = Options.Seed("--seed", "Decides which rows go where. Default: 0.");
        Option<bool> skip = Options.Switch("--skip-malformed", "Leave out malformed rows and list them. Default: refuse the dataset, naming each.");
        var command = new ExampleCommand("split", Description,
        [
            "onnxlens dataset split bold.json --parts train=0.5,test=0.5 --seed 1 --out bold-splits.json",
            "onnxlens dataset split bold.json --parts train=200,test=96 --out bold-splits.json",
        ])
        { file, parts, target, seed, skip };
        command.SetAction(parsed =>
        {
            Run(
                host,
                parsed.GetRequiredValue(file),
                SplitParts.Read(parsed.GetRequiredValue(parts)),
                parsed.GetRequiredValue(target),
                parsed.GetValue(seed) ?? 0,
                parsed.GetValue(skip) ? MalformedRows.Skip : MalformedRows.Refuse);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Run(CliHost host, string path, ImmutableArray<SplitPart> parts, string target, ulong seed, MalformedRows malformed)
    {
        if (path.Length == 0)
        {
            throw new UsageException("The name of the dataset is empty. Give a path.");
        }

        OutputPaths.RequireFile(target);
        if (OutputPaths.AreSame(path, target))
        {
            throw new UsageException($"'{target}' after --out is the dataset itself. Give another name.");
        }

        if (DatasetReader.HoldsPrompts(path))
        {
            throw new SelectionException($"'{path}' holds contrast prompts, which have no splits: only pairs of answers are split. Give the file of pairs, or put the prompts into a file for each split.");
        }

        AnswerDataset dataset = DatasetReader.ReadAnswers(path, new DatasetReadOptions { Name = NamedFile.DefaultName(path), Malformed = malformed });
        AnswerDataset split = Splits.Assign(dataset, parts, seed);
        SplitFile.Of(split, seed).Write(target);
        DatasetPrinter.PrintSplits(host.Out, split, seed);
        DatasetNotes.Of(split).ToList().ForEach(host.Note);
        host.Note($"wrote {target}");
    }
}
