using System.Collections.Immutable;

namespace OnnxLens.Bundles;

/// <summary>
/// The content of <c>onnxlens.json</c>: which graphs make up a lens bundle, what their ports and sites are called,
/// and the size and hash of every file. Names are looked up here and nowhere else, so that graphs of any origin run alike.
/// </summary>
public sealed record BundleManifest
{
    /// <summary>The manifest's file name.</summary>
    public const string FileName = "onnxlens.json";

    /// <summary>The version of this form that is written and read.</summary>
    public const int CurrentSchema = 3;

    /// <summary>Version of the form.</summary>
    public required int Schema { get; init; }

    /// <summary>The program that wrote the bundle, and its version.</summary>
    public required string Tool { get; init; }

    /// <summary>The model's sizes.</summary>
    public required ModelFacts Model { get; init; }

    /// <summary>Number of weights of the model, each counted once, however it is stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Arithmetic of the graphs, and element type of hidden states, captures and cache: <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>The form of keys and values.</summary>
    public CacheForm Cache { get; init; } = new();

    /// <summary>The distinct forms in which weights are quantised (<see cref="Quantizations"/>). Empty where none are.</summary>
    public ImmutableArray<Quantization> Quantization { get; init; } = [];

    /// <summary>True where the graphs are another exporter's, instrumented; false where they were written from a checkpoint.</summary>
    public bool Instrumented { get; init; }

    /// <summary>
    /// True where ONNX Runtime is to run the graphs by its own operators alone: they are another exporter's and have it round activations to
    /// int8, which is then a part of the model that is looked into. What was written from a checkpoint may be rounded, and need not be.
    /// </summary>
    internal bool RunsAsWritten => Instrumented && Quantization.Any(form => form.AccuracyLevel == Bundles.Quantization.RoundingLevel);

    /// <summary>The body's shards, in layer order.</summary>
    public required ImmutableArray<ShardEntry> Shards { get; init; }

    /// <summary>The final norm and unembedding.</summary>
    public required HeadEntry Head { get; init; }

    /// <summary>Names of the tokenizer files in the bundle. Empty where the checkpoint had none.</summary>
    public ImmutableArray<string> TokenizerFiles { get; init; } = [];

    /// <summary>Every file of the bundle but the manifest.</summary>
    public required ImmutableArray<FileEntry> Files { get; init; }
}
