using System.Collections.Immutable;

namespace OnnxLens.Runtime;

/// <summary>Names of <see cref="SteeringOperator"/>.</summary>
public static class SteeringOperators
{
    private static readonly string[] Spelled = ["add", "ablate", "add-norm"];

    /// <summary>Every name.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Spelled];

    /// <summary>The name used in files and commands, e.g. <c>add-norm</c>.</summary>
    public static string Name(this SteeringOperator steer) => Spelled[(int)steer];

    /// <summary>Reads a name.</summary>
    /// <exception cref="SelectionException">There is no such operator.</exception>
    public static SteeringOperator Parse(string name)
    {
        int index = Array.IndexOf(Spelled, name);
        return index >= 0
            ? (SteeringOperator)index
            : throw new SelectionException($"Unknown steering operator '{name}'. Operators are: {string.Join(", ", Spelled)}.");
    }
}
