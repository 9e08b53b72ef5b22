using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Drift;

/// <summary>One of the two bundles of a comparison.</summary>
public sealed record DriftSide
{
    /// <summary>The bundle, or what it was made of, as the user named it.</summary>
    public required string Folder { get; init; }

    /// <summary>SHA-256 of the bundle.</summary>
    public required string BundleHash { get; init; }

    /// <summary>SHA-256 of the hashes of its weight files, or null where it refers to none.</summary>
    public string? WeightsHash { get; init; }

    /// <summary>The program that wrote the bundle.</summary>
    public required string WrittenBy { get; init; }

    /// <summary>Arithmetic of the graphs.</summary>
    public required string Precision { get; init; }

    /// <summary>The forms in which weights are quantised; empty where none are.</summary>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <summary>Number of shards.</summary>
    public required int Shards { get; init; }

    /// <summary>The device of each shard in order, then that of the LM head.</summary>
    public required ImmutableArray<string> Devices { get; init; }

    /// <summary>SHA-256 of the tokenizer, or null where the bundle has none.</summary>
    public string? TokenizerHash { get; init; }
}
