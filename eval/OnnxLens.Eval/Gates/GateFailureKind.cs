namespace OnnxLens.Eval.Gates;

/// <summary>In which way a result does not hold a baseline.</summary>
public enum GateFailureKind
{
    /// <summary>The result has no such entry.</summary>
    Missing,

    /// <summary>There are fewer samples than before.</summary>
    FewerSamples,

    /// <summary>The mean slope is further from the baseline's than its tolerance.</summary>
    SlopeOutsideTolerance,

    /// <summary>The mean slope is outside the interval that the baseline names.</summary>
    SlopeOutsideInterval,

    /// <summary>More samples are anti-steerable than is allowed.</summary>
    AntiSteerableGrew,

    /// <summary>The vector makes the perplexity of ordinary text larger than is allowed.</summary>
    PerplexityAboveLimit,

    /// <summary>A limit is set on the perplexity of ordinary text, and the result has none.</summary>
    PerplexityNotMeasured,

    /// <summary>The result is of another bundle.</summary>
    OtherBundle,
}
