using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument;

/// <summary>How an ONNX decoder is instrumented.</summary>
public sealed record InstrumentOptions
{
    /// <summary>Number of shards; null is one for each of <see cref="Devices"/>.</summary>
    public int? Shards { get; init; }

    /// <summary>The device of each shard, or one for all; empty is the CPU, or where the CPU has no kernels for the graph, the first CUDA device there is, else <c>cuda:0</c>. The LM head goes with the last shard.</summary>
    public ImmutableArray<Device> Devices { get; init; } = [];

    /// <summary>The CUDA provider, as <see cref="LensModelOptions.ProviderLibrary"/>. With it a graph is run, for the check, on the one CUDA device that <see cref="Devices"/> names, or where they name none, on the first there is if the CPU cannot run it.</summary>
    public string? ProviderLibrary { get; init; }

    /// <summary>The longest sequence; null is what the graph can run, at most <see cref="Checkpoints.CheckpointReaderOptions.DefaultMaxLength"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>How the bundle holds the weights.</summary>
    public WeightsMode Weights { get; init; }

    /// <summary>The embedding, [V,H], for a graph that takes embeddings; null where it has its own.</summary>
    public GivenTensor? Embedding { get; init; }

    /// <summary>The unembedding, [V,H], for a graph that gives the final norm's output; null where it has its own.</summary>
    public GivenTensor? LmHead { get; init; }

    /// <summary>Token ids of a sequence on which the bundle is checked against the graph, beside a random one.</summary>
    public ImmutableArray<int> CheckTokens { get; init; } = [];
}
