using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Eval.Sweeps;

/// <summary>Where the result of a sweep came from. Written into, or beside, every file of it.</summary>
public sealed record SweepProvenance
{
    /// <summary>The program and its version.</summary>
    public required string Tool { get; init; }

    /// <summary>SHA-256 of the bundle.</summary>
    public required string BundleHash { get; init; }

    /// <summary>Arithmetic of the graphs.</summary>
    public required string Precision { get; init; }

    /// <summary>The forms in which weights are quantised. Empty where none are.</summary>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <summary>The device of each shard in order, then that of the LM head.</summary>
    public required ImmutableArray<string> Devices { get; init; }

    /// <summary>SHA-256 of the tokenizer, or null where the model has none.</summary>
    public string? TokenizerHash { get; init; }

    /// <summary>Dataset name → SHA-256 of its pairs.</summary>
    public required ImmutableSortedDictionary<string, string> Datasets { get; init; }

    /// <summary>Dataset name → how many of its rows could not be used.</summary>
    public required ImmutableSortedDictionary<string, int> Skipped { get; init; }

    /// <summary>Vector name and site, e.g. <c>bold@mlp_in</c> → SHA-256.</summary>
    public required ImmutableSortedDictionary<string, string> Vectors { get; init; }

    /// <summary>Vector name and site → who made it, and from what; without those that do not say.</summary>
    public ImmutableSortedDictionary<string, VectorOrigin> Origins { get; init; } = ImmutableSortedDictionary<string, VectorOrigin>.Empty;

    /// <summary>The split swept, e.g. <c>test</c>.</summary>
    public required string Split { get; init; }

    /// <summary>How prompts were made: <c>raw</c> or <c>chat</c>.</summary>
    public required string PromptForm { get; init; }

    /// <summary>SHA-256 of the chat template that prompts went through, or null.</summary>
    public string? ChatTemplateHash { get; init; }

    /// <summary>The multipliers, ascending.</summary>
    public required ImmutableArray<double> Multipliers { get; init; }

    /// <summary>Random vectors of the same norm per hook point.</summary>
    public required int Controls { get; init; }

    /// <summary>Seed of splits, controls and bootstrap.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Resamples of the bootstrap.</summary>
    public required int Resamples { get; init; }

    /// <summary>SHA-256 of the ordinary text, or null where none was given.</summary>
    public string? TextHash { get; init; }

    /// <summary>Steering additions asked for, counted from the sweep's plan.</summary>
    public required long AdditionsAsked { get; init; }

    /// <summary>Steering additions made, counted where they were fed. Equal to <see cref="AdditionsAsked"/> in every file that is written.</summary>
    public required long AdditionsMade { get; init; }
}
