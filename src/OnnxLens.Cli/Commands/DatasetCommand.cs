using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens dataset</c>: everything about files of contrasting pairs that needs no run of a model.</summary>
internal static class DatasetCommand
{
    /// <summary>Builds the group.</summary>
    public static Command Create(CliHost host) => new("dataset", "Datasets of contrasting pairs: what a file holds and what a model's tokenizer makes of it, splits.")
    {
        DatasetInfoCommand.Create(host),
        DatasetSplitCommand.Create(host),
    };
}
