using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Native;

namespace OnnxLens.Bundles;

/// <summary>What running a model takes, worked out from its sizes before anything is loaded. Bytes, on all devices together, at most <see cref="long.MaxValue"/>.</summary>
public sealed record MemoryEstimate
{
    /// <summary>Number of weights of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>
    /// The weights in the type that is computed in, quantised ones and those of <see cref="WeightMemory"/> as they are stored. A tied embedding counts twice, for
    /// the body and the LM head have a session each. What is used as it is stored is mapped from its file, where nothing is repacked, and this is an upper bound.
    /// </summary>
    public required long WeightBytes { get; init; }

    /// <summary>Keys and values of one position: 2 · layers · KV heads · head width.</summary>
    public required long CacheBytesPerToken { get; init; }

    /// <summary>Keys and values of a sequence of <see cref="ModelFacts.MaxLength"/> positions.</summary>
    public required long CacheBytesAtMaxLength { get; init; }

    /// <summary>One captured hook point at one position: one row of H.</summary>
    public required long CaptureBytesPerToken { get; init; }

    /// <summary>Rows that one call of the LM head decodes at most.</summary>
    public required int HeadRows { get; init; }

    /// <summary>What one call of the LM head over <see cref="HeadRows"/> rows may take.</summary>
    public required long HeadCallBytes { get; init; }

    /// <summary>Estimates.</summary>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="precision">The arithmetic: <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</param>
    /// <param name="parameters">Number of weights.</param>
    /// <param name="headMemoryBytes">The bound given for one call of the LM head, as <see cref="LensModelOptions.HeadMemoryBytes"/>.</param>
    /// <param name="head">Where the LM head runs.</param>
    /// <exception cref="BundleException">The precision is unknown.</exception>
    public static MemoryEstimate Of(ModelFacts facts, string precision, long parameters, long headMemoryBytes, DeviceKind head = DeviceKind.Cpu)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(precision);
        ArgumentOutOfRangeException.ThrowIfNegative(parameters);
        ElementType type = TensorTypes.FromPrecision(precision);
        long size = type.ByteSize();
        long embedding = (long)facts.VocabularySize * facts.HiddenSize;
        Int128 cache = (Int128)2 * facts.Layers * facts.KvHeads * facts.HeadDim * size;
        int rows = LmHeadSession.RowsWithin(facts.VocabularySize, head, type, headMemoryBytes);
        return new MemoryEstimate
        {
            Parameters = parameters,
            WeightBytes = Bounded(((Int128)parameters + (facts.TiedEmbedding ? embedding : 0)) * size),
            CacheBytesPerToken = Bounded(cache),
            CacheBytesAtMaxLength = Bounded(cache * facts.MaxLength),
            CaptureBytesPerToken = facts.HiddenSize * size,
            HeadRows = rows,
            HeadCallBytes = rows * LmHeadSession.BytesPerRow(facts.VocabularySize, head, type),
        };
    }

    /// <summary>Estimates for a bundle; its weights are what its graphs refer to.</summary>
    /// <exception cref="BundleException">A graph cannot be read.</exception>
    public static MemoryEstimate Of(LensBundle bundle, long headMemoryBytes)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        BundleManifest manifest = bundle.Manifest;
        var placement = DevicePlacement.FromManifest(manifest);
        return Of(manifest.Model, manifest.Precision, manifest.Parameters, headMemoryBytes, placement.Head.Kind) with { WeightBytes = GraphWeights.Of(bundle, placement).Bytes };
    }

    /// <summary>Sizes beyond any memory come as the largest number there is.</summary>
    internal static long Bounded(Int128 bytes) => (long)Int128.Min(bytes, long.MaxValue);
}
