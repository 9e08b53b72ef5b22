namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>How a norm is written.</summary>
internal enum NormForm
{
    Simplified,
    Rms,
    WrittenPow,
    WrittenSquare,
    WrittenReciprocal,
    WrittenCasts,
    WrittenPower,
    WrittenLength,
    WrittenSum,
    OnePlusGain,
    LayerNorm,
    LayerNormWritten,
    LayerNormNoBias,
}

/// <summary>Where a block norms.</summary>
internal enum Placement
{
    Before,
    After,
    Both,
}

/// <summary>How the sublayers of a block hang on the residual stream.</summary>
internal enum Arrangement
{
    Sequential,
    ParallelOneSum,
    ParallelTwoSums,
    NormedStream,
    CrossAttention,
    RecurrentState,
    QuantizedCache,
    ThreefoldPositions,
}

/// <summary>The way from the final norm to the logits.</summary>
internal enum HeadForm
{
    Plain,
    Bias,
    SoftCap,
    Divided,
    Multiplied,
    RowsScaled,
    RowsScaledFirst,
    TiedToEmbedding,
    EmbeddingTiedToIt,
    GemmReshaped,
    GemmReshapedByIds,
}

/// <summary>What follows the attention.</summary>
internal enum MlpForm
{
    SwiGlu,
    PackedSwiGlu,
    Gelu,
    GeluErf,
    Relu,
    Experts,
    ExpertsDense,
    ExpertsStacked,
    ExpertsGathered,
    ExpertsSparse,
}

/// <summary>How positions enter.</summary>
internal enum PositionForm
{
    None,
    RotaryWritten,
    RotaryMicrosoft,
    RotaryStandard,
    RotaryInAttention,
    Table,
    TableWithOffset,
    Alibi,
}

/// <summary>Where positions come from.</summary>
internal enum PositionSource
{
    Input,
    MaskSums,
    Lengths,
}

/// <summary>How keys and values are kept.</summary>
internal enum CacheType
{
    None,
    Concat,
    ConcatFromEnd,
    Shared,
    SharedPorts,
    MultiHead,
    Standard23,
    Standard24,
    Scattered,
}
