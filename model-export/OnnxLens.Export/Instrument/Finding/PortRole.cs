namespace OnnxLens.Export.Instrument.Finding;

/// <summary>What a graph's input that is neither tokens nor cache is for.</summary>
internal enum PortRole
{
    /// <summary>Int [B,S]: the position of each token.</summary>
    PositionIds,

    /// <summary>[B, total]: 1 where a position is valid.</summary>
    AttentionMask,

    /// <summary>Int32 [B]: total length − 1 of each row.</summary>
    SeqLensK,

    /// <summary>Int32 scalar: the largest total length.</summary>
    TotalSequenceLength,

    /// <summary>Int [B]: where each row's new entries of the cache go.</summary>
    WriteIndices,

    /// <summary>Int [B]: valid entries of the cache in each row after the run.</summary>
    ValidLengths,
}
