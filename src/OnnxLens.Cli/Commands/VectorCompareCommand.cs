using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector compare</c>: how much two vectors agree.</summary>
internal static class VectorCompareCommand
{
    private const string Description =
        "Prints the cosine between two files' vectors at each layer that both have: at the sites that both have; where they have none in common, or sites are named, across sites.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        Argument<string> first = VectorInput.Argument("a", "A file");
        Argument<string> second = VectorInput.Argument("b", "Another");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("compare", Description,
        [
            "onnxlens vector compare mean.safetensors pca.safetensors",
            "onnxlens vector compare v.safetensors@mlp_in v.safetensors@resid_post",
        ])
        { first, second, quiet };
        command.SetAction(parsed =>
        {
            VectorSelector a = VectorInput.Parse(parsed.GetRequiredValue(first));
            VectorSelector b = VectorInput.Parse(parsed.GetRequiredValue(second));
            ImmutableArray<(SteeringVector First, SteeringVector Second)> pairs = Pairs(VectorInput.Read(a).Vectors, VectorInput.Read(b).Vectors);
            CosinePrinter.Print(host, pairs, parsed.GetValue(quiet));
            return ExitCodes.Done;
        });
        return command;
    }

    private static ImmutableArray<(SteeringVector First, SteeringVector Second)> Pairs(ImmutableArray<SteeringVector> first, ImmutableArray<SteeringVector> second)
    {
        ImmutableArray<(SteeringVector First, SteeringVector Second)> all = [.. first.SelectMany(a => second.Select(b => (a, b)))];
        ImmutableArray<(SteeringVector First, SteeringVector Second)> same = [.. all.Where(pair => pair.First.Site == pair.Second.Site)];
        return same.IsEmpty ? all : same;
    }
}
