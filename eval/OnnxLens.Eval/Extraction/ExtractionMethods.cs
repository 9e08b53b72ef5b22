using System.Collections.Immutable;

namespace OnnxLens.Eval.Extraction;

/// <summary>Names of <see cref="ExtractionMethod"/>.</summary>
public static class ExtractionMethods
{
    private static readonly string[] Spelled = ["mean-difference", "pca", "pca-centred", "logistic"];

    /// <summary>Every name.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Spelled];

    /// <summary>The name used in files and commands, e.g. <c>mean-difference</c>.</summary>
    public static string Name(this ExtractionMethod method) => Spelled[(int)method];

    /// <summary>Reads a name.</summary>
    /// <exception cref="SelectionException">There is no such method.</exception>
    public static ExtractionMethod Parse(string name)
    {
        int index = Array.IndexOf(Spelled, name);
        return index >= 0
            ? (ExtractionMethod)index
            : throw new SelectionException($"Unknown method '{name}'. Methods are: {string.Join(", ", Spelled)}.");
    }
}
