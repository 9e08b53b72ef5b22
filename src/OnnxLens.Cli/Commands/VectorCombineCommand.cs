using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens vector combine</c>: arithmetic on vectors.</summary>
internal static class VectorCombineCommand
{
    private const string Description =
        "Adds vectors with weights, site by site and layer by layer; then takes away what lies along another one, then brings each layer to norm 1. Sites and layers that not all have are left out, and said.";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliHost host)
    {
        var target = new Argument<string>("out") { Description = "The file to write; it ends with .safetensors or .gguf." };
        Option<string[]> add = Options.Texts("--add", "FILE", $"A vector to add: {VectorInput.Notation} May be repeated.");
        add.Required = true;
        Option<string?> against = Options.Text("--orthogonalise", "FILE", "Make the sum orthogonal to this vector, layer by layer.");
        Option<bool> normalise = Options.Switch("--normalise", "Bring every layer to norm 1, at the end.");
        Option<bool> quiet = Options.Quiet();
        var command = new ExampleCommand("combine", Description,
        [
            "onnxlens vector combine mean.safetensors --add a.safetensors*0.5 --add b.safetensors*0.5",
            "onnxlens vector combine unit.safetensors --add a.safetensors --orthogonalise b.safetensors --normalise",
        ])
        { target, add, against, normalise, quiet };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(target);
            ImmutableArray<VectorSelector> terms = [.. parsed.GetRequiredValue(add).Select(VectorInput.Parse)];
            VectorSelector? other = parsed.GetValue(against) is string text ? VectorInput.Parse(text) : null;
            VectorInput.RequireTarget(path);
            OutputPaths.RequireApart([path], [.. terms.Select(term => term.Path), other?.Path ?? ""]);
            var combined = VectorCombination.Of(terms, other, parsed.GetValue(normalise));
            VectorFile.Write(path, combined.Vectors);
            VectorPrinter.PrintWritten(host, path, combined.Vectors, parsed.GetValue(quiet) ? [] : combined.Notes);
            return ExitCodes.Done;
        });
        return command;
    }
}
