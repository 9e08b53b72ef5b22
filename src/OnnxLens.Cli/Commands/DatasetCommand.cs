using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens dataset</c>: everything about files of contrasting pairs that needs no run of a model.</summary>
internal static class DatasetCommand
{
    /// <summary>Builds the group.</summary>
    public static Command Create(CliHost host) => new ExampleCommand("dataset", "Datasets of contrasting pairs: what a file holds and what a model's tokenizer makes of it, splits.",
    [
        "onnxlens dataset info bold-train.json --bundle bundle",
        "onnxlens dataset split bold.json --parts train=0.5,test=0.5 --out bold-splits.json",
    ])
    {
        DatasetInfoCommand.Create(host),
        DatasetSplitCommand.Create(host),
    };
}
