using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Sessions;

/// <summary>The element types in which the graphs of a model take whole numbers; the same in every shard.</summary>
/// <param name="InputIds">Of token ids.</param>
/// <param name="PositionIds">Of positions.</param>
/// <param name="AttentionMask">Of the mask.</param>
/// <param name="WriteIndices">Of write indices.</param>
/// <param name="ValidLengths">Of lengths.</param>
internal sealed record PortTypes(ElementType InputIds, ElementType PositionIds, ElementType AttentionMask, ElementType WriteIndices, ElementType ValidLengths)
{
    /// <summary>Reads them off the sessions.</summary>
    public static PortTypes Of(ImmutableArray<ShardSession> shards) => new(
        TypeOf(shards, shard => shard.Entry.InputIds),
        TypeOf(shards, shard => shard.PositionIds),
        TypeOf(shards, shard => shard.Entry.AttentionMask),
        TypeOf(shards, shard => shard.Entry.WriteIndices),
        TypeOf(shards, shard => shard.Entry.ValidLengths));

    private static ElementType TypeOf(ImmutableArray<ShardSession> shards, Func<ShardSession, string?> port) =>
        shards.Where(shard => port(shard) is not null).Select(shard => shard.Session.InputType(port(shard)!)).FirstOrDefault(ElementType.Int64);
}
