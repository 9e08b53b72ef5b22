using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>Vectors that a command line names, read and multiplied by their scale.</summary>
/// <param name="Content">The whole file.</param>
/// <param name="Vectors">What was named of it, times the scale.</param>
internal sealed record VectorInput(VectorFileContent Content, ImmutableArray<SteeringVector> Vectors)
{
    /// <summary>How vectors are written, for helps.</summary>
    public const string Notation = "FILE, FILE@site or FILE@site.layers (mlp_in.2-5,7), and *W to multiply it.";

    /// <summary>An argument that names vectors.</summary>
    public static Argument<string> Argument(string name, string description) => new(name) { Description = $"{description}: {Notation}" };

    /// <summary>Reads the notation.</summary>
    /// <exception cref="UsageException">It has no such form, or a scale is a share of an activation's norm.</exception>
    public static VectorSelector Parse(string text)
    {
        VectorSelector selector = UsageException.OfOption(() => VectorSelector.Parse(text));
        return selector.Strength.Unit == SteeringUnit.Raw
            ? selector
            : throw new UsageException($"'{text}' is a share of an activation's norm, and without a model there are no activations. Write a number, e.g. *0.5.");
    }

    /// <summary>Reads what is named.</summary>
    /// <exception cref="VectorException">The file cannot be read.</exception>
    /// <exception cref="SelectionException">It does not have what is named.</exception>
    public static VectorInput Read(VectorSelector selector)
    {
        VectorFileContent content = selector.Read();
        ImmutableArray<SteeringVector> vectors = selector.Select(content);
        return new VectorInput(content, selector.Strength == VectorStrength.One ? vectors : [.. vectors.Select(vector => VectorMath.Scale(vector, selector.Strength.Value))]);
    }

    /// <summary>Refuses a path to which vectors cannot be written, before work is done for it.</summary>
    /// <exception cref="OutputException">The path is a folder, cannot be written, or names no format that is written.</exception>
    public static void RequireTarget(string path)
    {
        OutputPaths.RequireFile(path);
        VectorFile.RequireWritable(path);
    }
}
