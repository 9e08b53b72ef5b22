using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens;

/// <summary>Where a result came from. Written into, or beside, every file of results.</summary>
public sealed record Provenance
{
    /// <summary>This program and its version, as it is written into files.</summary>
    public static string ThisTool { get; } = $"onnxlens {typeof(Provenance).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>The program and its version, e.g. <c>onnxlens 0.1.0</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>The bundle, or what it was made of, as the user named it; null where it was not named.</summary>
    public string? Folder { get; init; }

    /// <summary>SHA-256 of the bundle: of its manifest, which holds the hashes of its files. Lower-case hex.</summary>
    public required string BundleHash { get; init; }

    /// <summary>Arithmetic of the graphs: <c>fp32</c>, <c>fp16</c>, <c>bf16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>The forms in which weights are quantised. Empty where none are.</summary>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <summary>The device of each shard in order, then that of the LM head.</summary>
    public required ImmutableArray<string> Devices { get; init; }

    /// <summary>SHA-256 of the tokenizer file, or null where the model has none.</summary>
    public string? TokenizerHash { get; init; }

    /// <summary>What was steered, with the hash of each vector. Empty where nothing was.</summary>
    public ImmutableArray<SteeringRecord> Steering { get; init; } = [];

    /// <summary>The prompt as text, or null where it was given as ids.</summary>
    public string? Prompt { get; init; }

    /// <summary>The prompt's token ids.</summary>
    public required ImmutableArray<int> PromptIds { get; init; }

    /// <summary>The generated ids, in order. Empty where nothing was generated.</summary>
    public ImmutableArray<int> GeneratedIds { get; init; } = [];

    /// <summary>Why the generation ended, e.g. <c>max_new_tokens</c> or <c>cancelled</c>; null where nothing was generated.</summary>
    public string? StopReason { get; init; }

    /// <summary>The sampler's settings in words, e.g. <c>greedy</c> or <c>temperature 0.8 top-p 0.9</c>; null where nothing was generated.</summary>
    public string? Sampling { get; init; }

    /// <summary>The sampler's seed; null where sampling was greedy or nothing was generated.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Where the lens found tokens by candidates, what that cost in accuracy; null where it was exact.</summary>
    public CandidateError? Candidates { get; init; }

    /// <summary>The positions asked for, as written by the user, e.g. <c>all</c>.</summary>
    public required string Positions { get; init; }
}
