using System.Collections.Immutable;

namespace OnnxLens.Bundles;

/// <summary>What a model is, apart from its weights: the sizes that the graphs and the runtime share.</summary>
public sealed record ModelFacts
{
    /// <summary>The family's name: <c>llama</c>, <c>qwen2</c>, <c>qwen3</c>, <c>mistral</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream, H.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP's inner layer; null where it is not one number, or not known.</summary>
    public int? IntermediateSize { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key and value heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Width of one head, D. Not always H / heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Rows of the unembedding, V. May be more than the tokenizer has tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The longest sequence the model was trained for, by its config.</summary>
    public required int ContextLength { get; init; }

    /// <summary>The longest sequence this bundle can run: the rows of its rotary tables.</summary>
    public required int MaxLength { get; init; }

    /// <summary>True where the unembedding is the embedding.</summary>
    public required bool TiedEmbedding { get; init; }

    /// <summary>Ids that end a text, by the checkpoint's generation or model config. May be empty.</summary>
    public ImmutableArray<int> EndOfSequenceIds { get; init; } = [];
}
