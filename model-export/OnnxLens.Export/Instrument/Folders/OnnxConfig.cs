using System.Collections.Immutable;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>What the configuration beside a graph says of the model. Nothing here is believed where the graph says otherwise.</summary>
internal sealed record OnnxConfig
{
    /// <summary>The file it was read from; null where there is none.</summary>
    public string? File { get; init; }

    /// <summary>The family's name.</summary>
    public string? Family { get; init; }

    /// <summary>Number of blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>H.</summary>
    public int? HiddenSize { get; init; }

    /// <summary>Number of query heads.</summary>
    public int? Heads { get; init; }

    /// <summary>Number of key and value heads.</summary>
    public int? KvHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public int? HeadDim { get; init; }

    /// <summary>V.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>Width of the MLP's inner layer.</summary>
    public int? IntermediateSize { get; init; }

    /// <summary>The longest sequence the model was trained for.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Ids that end a text.</summary>
    public ImmutableArray<int> EndOfSequenceIds { get; init; } = [];

    /// <summary>The graph's file, or its stages in order; empty where no file says.</summary>
    public ImmutableArray<string> GraphFiles { get; init; } = [];
}
