using System.Collections.Immutable;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>One addition to the residual stream, and what computes the addend.</summary>
internal sealed record Sublayer
{
    /// <summary>What it is.</summary>
    public required SublayerKind Kind { get; init; }

    /// <summary>The node that adds.</summary>
    public required NodeProto Joint { get; init; }

    /// <summary>The residual stream before the addition, as the joint reads it.</summary>
    public required string Residual { get; init; }

    /// <summary>What is added, as the joint reads it.</summary>
    public required string Contribution { get; init; }

    /// <summary>What the sublayer's linear maps read: the normed residual, or the residual itself where no norm comes first.</summary>
    public string Input { get; init; } = "";

    /// <summary>The nodes between the residual and the contribution.</summary>
    public required ImmutableArray<NodeProto> Nodes { get; init; }

    /// <summary>The residual stream after the addition.</summary>
    public string Sum => Joint.Output[0];
}
