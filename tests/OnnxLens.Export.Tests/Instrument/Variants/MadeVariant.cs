using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>A decoder's graph, and what its maker knows of it, by the names that it gave.</summary>
internal sealed record MadeVariant
{
    public required Variant Form { get; init; }
    public required ModelProto Model { get; init; }

    /// <summary>The value of every site.</summary>
    public required ImmutableSortedDictionary<string, string> Sites { get; init; }

    /// <summary>The node that adds each sublayer's contribution, by the site of the contribution.</summary>
    public required ImmutableDictionary<string, NodeProto> Joints { get; init; }

    public required string Ids { get; init; }
    public required string Logits { get; init; }
    public string? Mask { get; init; }
    public string? Positions { get; init; }
    public string? SeqLens { get; init; }
    public string? TotalLength { get; init; }
    public string? WriteIndices { get; init; }

    /// <summary>Past and present of every layer's keys, then values.</summary>
    public required ImmutableArray<(string Past, string Present)> Cache { get; init; }

    public string Site(Site site, int layer) => Sites[new HookPoint(site, layer).ToString()];
}
