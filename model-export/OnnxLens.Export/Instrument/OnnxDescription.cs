using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Instrument;

/// <summary>What was found in an ONNX decoder that another program exported.</summary>
public sealed record OnnxDescription
{
    /// <summary>The folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>The graph's file, or the stages of a pipeline.</summary>
    public required string Graph { get; init; }

    /// <summary>The program that wrote the graph, as the graph says; may be empty.</summary>
    public required string Producer { get; init; }

    /// <summary>Version of the standard operators.</summary>
    public required long Opset { get; init; }

    /// <summary>The model's sizes, by the graph.</summary>
    public required ModelFacts Model { get; init; }

    /// <summary>Element type of the residual stream: <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>The distinct forms in which weights are quantised.</summary>
    public required ImmutableArray<Bundles.Quantization> Quantization { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>The form of keys and values.</summary>
    public required CacheForm Cache { get; init; }

    /// <summary>What each other input is for, by name: token ids, embeddings, a mask, positions, lengths.</summary>
    public required ImmutableArray<(string Input, string Role)> Inputs { get; init; }

    /// <summary>The value in the graph at every hook point, in the order of the forward pass.</summary>
    public required ImmutableArray<(HookPoint Point, string Value)> Sites { get; init; }

    /// <summary>The graph's output of logits, or of the final norm where it has no unembedding.</summary>
    public required string HeadOutput { get; init; }

    /// <summary>False where the graph takes embeddings, so that one must be given.</summary>
    public required bool HasEmbedding { get; init; }

    /// <summary>False where the graph ends with the final norm, so that an unembedding must be given.</summary>
    public required bool HasLmHead { get; init; }

    /// <summary>Why the CPU cannot run the graph; null where it can load it.</summary>
    public string? WhyNotRun { get; init; }

    /// <summary>Names of the weight files that the graph refers to.</summary>
    public required ImmutableArray<string> WeightFiles { get; init; }
}
