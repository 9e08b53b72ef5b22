using System.Collections.Immutable;

namespace OnnxLens.Eval.Drift;

/// <summary>How the slopes of a drift report were measured.</summary>
public sealed record DriftSlopeProvenance
{
    /// <summary>Dataset name → SHA-256 of its pairs.</summary>
    public required ImmutableSortedDictionary<string, string> Datasets { get; init; }

    /// <summary>The split, or <c>all</c>.</summary>
    public required string Split { get; init; }

    /// <summary>How prompts were made: <c>raw</c> or <c>chat</c>.</summary>
    public required string PromptForm { get; init; }

    /// <summary>Vector name and site, e.g. <c>bold@mlp_in</c> → SHA-256 of what was added in A.</summary>
    public required ImmutableSortedDictionary<string, string> VectorsA { get; init; }

    /// <summary>The same in B. Differs from A where each extracted its own.</summary>
    public required ImmutableSortedDictionary<string, string> VectorsB { get; init; }

    /// <summary>SHA-256 of the pairs that vectors were extracted of, or null where none were.</summary>
    public string? ExtractionHash { get; init; }

    /// <summary>The multipliers, ascending.</summary>
    public required ImmutableArray<double> Multipliers { get; init; }

    /// <summary>Seed of extraction and bootstrap.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Resamples of the bootstrap.</summary>
    public required int Resamples { get; init; }
}
