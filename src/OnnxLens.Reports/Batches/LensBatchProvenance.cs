using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Reports.Batches;

/// <summary>Where the lens of many prompts came from. Written beside its tables.</summary>
public sealed record LensBatchProvenance
{
    /// <inheritdoc cref="Provenance.Tool"/>
    public required string Tool { get; init; }

    /// <inheritdoc cref="Provenance.Folder"/>
    public string? Folder { get; init; }

    /// <inheritdoc cref="Provenance.BundleHash"/>
    public required string BundleHash { get; init; }

    /// <inheritdoc cref="Provenance.Precision"/>
    public required string Precision { get; init; }

    /// <inheritdoc cref="Provenance.Quantization"/>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <inheritdoc cref="Provenance.Devices"/>
    public required ImmutableArray<string> Devices { get; init; }

    /// <inheritdoc cref="Provenance.TokenizerHash"/>
    public string? TokenizerHash { get; init; }

    /// <summary>SHA-256 of the chat template that prompts went through, or null.</summary>
    public string? ChatTemplateHash { get; init; }

    /// <summary>SHA-256 of the file of prompts.</summary>
    public required string PromptsHash { get; init; }

    /// <summary>Number of prompts.</summary>
    public required int Prompts { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public required long Tokens { get; init; }

    /// <summary>What was steered, in all prompts together.</summary>
    public ImmutableArray<SteeringRecord> Steering { get; init; } = [];

    /// <inheritdoc cref="Provenance.Positions"/>
    public required string Positions { get; init; }
}
