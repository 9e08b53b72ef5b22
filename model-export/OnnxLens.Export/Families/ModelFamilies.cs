using System.Collections.Immutable;

namespace OnnxLens.Export.Families;

/// <summary>Every family that can be exported.</summary>
public static class ModelFamilies
{
    /// <summary>The families, in the order in which messages list them.</summary>
    public static ImmutableArray<Family> All { get; } = [Llama.Family, Qwen2.Family, Qwen3.Family, Mistral.Family];

    /// <summary>The family of a name such as <c>llama</c>.</summary>
    /// <exception cref="UnsupportedArchitectureException">There is none of that name; the message lists those there are.</exception>
    public static Family Named(string name) =>
        All.FirstOrDefault(family => family.Name == name)
        ?? throw new UnsupportedArchitectureException(
            $"Unknown model family '{name}'. Families are: {string.Join(", ", All.Select(family => family.Name))}.");
}
