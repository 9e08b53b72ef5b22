using OnnxLens.Eval.Statistics;

namespace OnnxLens.Eval.Gates;

/// <summary>What a baseline expects of one vector at one hook point on one dataset.</summary>
public sealed record GateEntry
{
    /// <summary>What is held.</summary>
    public required GateKey Key { get; init; }

    /// <summary>At least so many samples.</summary>
    public required int Samples { get; init; }

    /// <summary>The mean slope when the baseline was written, logits per unit of the multiplier.</summary>
    public required double MeanSlope { get; init; }

    /// <summary>The fraction of anti-steerable samples when the baseline was written.</summary>
    public required double AntiSteerable { get; init; }

    /// <summary>How far the mean slope may be from <see cref="MeanSlope"/>, logits per unit; null takes the baseline's own.</summary>
    public double? Tolerance { get; init; }

    /// <summary>Where the mean slope must lie besides; null is anywhere.</summary>
    public Interval? Interval { get; init; }

    /// <summary>The largest fraction of anti-steerable samples; null takes <see cref="AntiSteerable"/> and the baseline's allowance.</summary>
    public double? MaxAntiSteerable { get; init; }

    /// <summary>The largest perplexity ratio on ordinary text at multiplier 1; null takes the baseline's own.</summary>
    public double? MaxPerplexityRatio { get; init; }
}
