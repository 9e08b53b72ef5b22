using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector</c>: everything about steering vectors and their files.</summary>
internal static class VectorCommand
{
    /// <summary>Builds the group.</summary>
    public static Command Create(CliHost host) => new ExampleCommand("vector", "Steering vectors: made of contrasting pairs, what a file holds, other formats, arithmetic, comparison.",
    [
        "onnxlens vector extract bundle --dataset bold-train.json --out bold.safetensors",
        "onnxlens vector info bold.safetensors",
    ])
    {
        VectorInfoCommand.Create(host),
        VectorConvertCommand.Create(host),
        VectorCombineCommand.Create(host),
        VectorCompareCommand.Create(host),
        VectorExtractCommand.Create(host),
    };
}
