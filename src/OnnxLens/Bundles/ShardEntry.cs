using System.Collections.Immutable;

namespace OnnxLens.Bundles;

/// <summary>A contiguous run of layers in one ONNX file: its ports by role, and its values by site.</summary>
public sealed record ShardEntry
{
    /// <summary>File name of the graph.</summary>
    public required string File { get; init; }

    /// <summary>The first layer, counted over the whole model.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>How many layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>The device the shard was exported for, e.g. <c>cpu</c> or <c>cuda:0</c>. Placement at run time may differ.</summary>
    public required string Device { get; init; }

    /// <summary>Input of token ids, whole numbers [B,S]; null on every shard but the first.</summary>
    public string? InputIds { get; init; }

    /// <summary>Input of the residual stream, T [B,S,H]; null on the first shard.</summary>
    public string? HiddenIn { get; init; }

    /// <summary>What the shard before hands over beside the residual stream. Empty on the first.</summary>
    public ImmutableArray<CarriedValue> Carried { get; init; } = [];

    /// <summary>The value that holds the residual stream after the last layer of the shard, T [B,S,H].</summary>
    public required string HiddenOut { get; init; }

    /// <summary>Input int32 [B]: total length − 1 of each row; null where the graph does not ask for it.</summary>
    public string? SeqLensK { get; init; }

    /// <summary>Input int32 scalar: the largest total length; null where the graph does not ask for it.</summary>
    public string? TotalSequenceLength { get; init; }

    /// <summary>Input [B,S] of whole numbers: the position of each token; null where the graph does not ask for it.</summary>
    public string? PositionIds { get; init; }

    /// <summary>Input [B, total]: 1 where a position is valid; null where the graph does not ask for it.</summary>
    public string? AttentionMask { get; init; }

    /// <summary>Input [B] of whole numbers: the entry of the cache at which each row's new ones begin; null where the graph does not ask for it.</summary>
    public string? WriteIndices { get; init; }

    /// <summary>Input [B] of whole numbers: total length of each row; null where the graph does not ask for it.</summary>
    public string? ValidLengths { get; init; }

    /// <summary>The KV cache ports of each layer of the shard, in layer order; empty where nothing is kept.</summary>
    public required ImmutableArray<CacheEntry> Cache { get; init; }

    /// <summary>
    /// Hook point → value name, for every site in the shard. <c>resid_pre.i</c> is listed for the first layer of the model only:
    /// for every other layer it is, by definition, <c>resid_post.(i−1)</c>.
    /// </summary>
    public required ImmutableSortedDictionary<string, string> Sites { get; init; }

    /// <summary>Hook point → steering input, T [b,s,h] with b ∈ {1,B}, s ∈ {1,S}, h ∈ {1,H}; adds nothing when unfed.</summary>
    public required ImmutableSortedDictionary<string, string> Steer { get; init; }

    /// <summary>Every input but those of cache and steering, in no order that matters.</summary>
    internal IEnumerable<string> Inputs =>
        new[] { InputIds, HiddenIn, SeqLensK, TotalSequenceLength, PositionIds, AttentionMask, WriteIndices, ValidLengths }.OfType<string>().Concat(Carried.Select(value => value.Input));
}
