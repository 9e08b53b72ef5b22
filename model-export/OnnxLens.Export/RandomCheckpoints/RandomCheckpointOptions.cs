using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.RandomCheckpoints;

/// <summary>Family, sizes and seed of a made-up checkpoint. The defaults are <see cref="Tiny"/>.</summary>
public sealed record RandomCheckpointOptions
{
    /// <summary>A Llama small enough for unit tests: 4 layers, H 64, 4 heads / 2 KV of 16, vocabulary 320, context 512, fp32. 0.9 MB.</summary>
    public static RandomCheckpointOptions Tiny { get; } = new();

    /// <summary>A Llama for measurements: 16 layers, H 1024, 16 heads / 4 KV of 64, MLP 3072, vocabulary 32000, context 4096, bf16. 0.5 GB.</summary>
    public static RandomCheckpointOptions Medium { get; } = new()
    {
        Layers = 16,
        HiddenSize = 1024,
        IntermediateSize = 3072,
        Heads = 16,
        KvHeads = 4,
        VocabularySize = 32_000,
        ContextLength = 4096,
        WeightType = ElementType.BFloat16,
    };

    /// <summary>Name of the family: <c>llama</c>, <c>qwen2</c>, <c>qwen3</c> or <c>mistral</c>.</summary>
    public string Family { get; init; } = "llama";

    /// <summary>Number of blocks.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Width of the residual stream, H.</summary>
    public int HiddenSize { get; init; } = 64;

    /// <summary>Width of the MLP's inner layer.</summary>
    public int IntermediateSize { get; init; } = 160;

    /// <summary>Number of query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Number of key and value heads; divides <see cref="Heads"/>.</summary>
    public int KvHeads { get; init; } = 2;

    /// <summary>Width of one head, even; null is H / heads.</summary>
    public int? HeadDim { get; init; }

    /// <summary>Rows of the embedding, V.</summary>
    public int VocabularySize { get; init; } = 320;

    /// <summary>The longest sequence by the config, tokens.</summary>
    public int ContextLength { get; init; } = 512;

    /// <summary>True where the unembedding shall be the embedding.</summary>
    public bool TiedEmbedding { get; init; }

    /// <summary>True for biases on q, k, v and output projection (Llama and Qwen3 only; Qwen2 has its own on q, k, v).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>True for biases in the MLP (Llama only).</summary>
    public bool MlpBias { get; init; }

    /// <summary>Sliding window in tokens, null for none. Mistral: every layer. Qwen: from <see cref="FirstWindowedLayer"/> on. Llama has none.</summary>
    public int? Window { get; init; }

    /// <summary>The first layer with a window (Qwen only).</summary>
    public int FirstWindowedLayer { get; init; }

    /// <summary>Rotary embedding.</summary>
    public RopeSpec Rope { get; init; } = new(10_000, new RopeScaling.None());

    /// <summary>Epsilon of every RMS norm.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-5;

    /// <summary>Element type of the weights: Float, Float16 or BFloat16.</summary>
    public ElementType WeightType { get; init; } = ElementType.Float;

    /// <summary>Ids that end a text. Empty: none, so that generation runs to its length.</summary>
    public ImmutableArray<int> EndOfSequenceIds { get; init; } = [];

    /// <summary>The most bytes of tensors in one weight file; null for one file. A larger tensor gets a file of its own.</summary>
    public long? MaxShardBytes { get; init; }

    /// <summary>The seed. The same options give the same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the options against each other.</summary>
    /// <exception cref="ArgumentException">A value is out of range, or the family does not have what is asked for.</exception>
    /// <exception cref="UnsupportedArchitectureException">There is no such family.</exception>
    public void Validate()
    {
        Family family = ModelFamilies.Named(Family);
        foreach (int size in (int[])[Layers, HiddenSize, IntermediateSize, Heads, KvHeads, VocabularySize, ContextLength, HeadDim ?? 1, Window ?? 1])
        {
            Require(size > 0, "Sizes must be positive.");
        }

        Require(Heads % KvHeads == 0, $"KvHeads ({KvHeads}) must divide Heads ({Heads}).");
        Require(HeadDim is not null || HiddenSize % Heads == 0, $"Heads ({Heads}) must divide HiddenSize ({HiddenSize}) where HeadDim is not given.");
        Require(EffectiveHeadDim % 2 == 0, $"The head width ({EffectiveHeadDim}) must be even.");
        Require(!AttentionBias || family.ReadsAttentionBias, $"Family {Family} has no AttentionBias option.");
        Require(!MlpBias || family.ReadsMlpBias, $"Family {Family} has no MlpBias option.");
        Require(Window is null || family.Windows != WindowRule.Never, $"Family {Family} has no Window.");
        Require(FirstWindowedLayer == 0 || family.Windows == WindowRule.ByLayer, $"Family {Family} has no FirstWindowedLayer.");
        Require(FirstWindowedLayer >= 0, "FirstWindowedLayer must not be negative.");
        Require(WeightType is ElementType.Float or ElementType.Float16 or ElementType.BFloat16, "WeightType must be Float, Float16 or BFloat16.");
        Require(MaxShardBytes is null or > 0, "MaxShardBytes must be positive.");
    }

    /// <summary>The head width after defaults.</summary>
    internal int EffectiveHeadDim => HeadDim ?? HiddenSize / Heads;

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
