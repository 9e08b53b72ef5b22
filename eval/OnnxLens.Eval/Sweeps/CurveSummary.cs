using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>What a sweep says of one vector at one hook point on one dataset. Null stands for undefined or not measured.</summary>
public sealed record CurveSummary
{
    /// <summary>The dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The vector's name.</summary>
    public required string Vector { get; init; }

    /// <summary>Where it was added.</summary>
    public required HookPoint Point { get; init; }

    /// <summary>Number of samples.</summary>
    public required int Samples { get; init; }

    /// <summary>How many different questions they ask: what is resampled as one. Null where every sample stands alone.</summary>
    public int? Questions { get; init; }

    /// <summary>Mean of the samples' slopes.</summary>
    public required double MeanSlope { get; init; }

    /// <summary>Lower end of the bootstrap interval of <see cref="MeanSlope"/>; null for a single sample or cluster.</summary>
    public double? CiLow { get; init; }

    /// <summary>Upper end; null for a single sample or cluster.</summary>
    public double? CiHigh { get; init; }

    /// <summary>Slope of the mean curve. Equal to the mean of the slopes where every sample has every multiplier.</summary>
    public required double CurveSlope { get; init; }

    /// <summary>R² of the mean curve; null where it is constant.</summary>
    public double? CurveR2 { get; init; }

    /// <summary>Mean of the samples' Spearman correlations, undefined ones left out; null where all are undefined.</summary>
    public double? MeanSpearman { get; init; }

    /// <summary>Fraction of samples whose slope is negative; a slope of exactly 0 does not count.</summary>
    public required double AntiSteerable { get; init; }

    /// <summary>Fraction of samples whose propensity rises at every step of the multiplier.</summary>
    public required double Monotonic { get; init; }

    /// <summary>Mean of the mean slopes of random vectors of the same norm; null where none were run.</summary>
    public double? ControlSlopeMean { get; init; }

    /// <summary>Their sample standard deviation.</summary>
    public double? ControlSlopeSd { get; init; }

    /// <summary>Mean slope of the vector made with the trait labels shuffled; null where the vector was not extracted in this run.</summary>
    public double? ShuffledSlope { get; init; }

    /// <summary>Mean slope of the vector of the letter alone; null where the vector was not extracted in this run or the answers are no letters.</summary>
    public double? LetterVectorSlope { get; init; }

    /// <summary>KL on ordinary text at multiplier 1, nats; null where no text was given.</summary>
    public double? Kl { get; init; }

    /// <summary>Perplexity ratio on ordinary text at multiplier 1; null where no text was given.</summary>
    public double? PerplexityRatio { get; init; }

    /// <summary>The multipliers, ascending.</summary>
    public required ImmutableArray<double> Multipliers { get; init; }

    /// <summary>Mean propensity at each multiplier.</summary>
    public required ImmutableArray<double> Curve { get; init; }

    /// <summary>Lower ends of the bootstrap intervals of <see cref="Curve"/>; empty for a single sample or cluster.</summary>
    public ImmutableArray<double> CurveLow { get; init; } = [];

    /// <summary>Upper ends; empty for a single sample or cluster.</summary>
    public ImmutableArray<double> CurveHigh { get; init; } = [];

    /// <summary>Mean slopes by the letter of the matching answer, ordinal order.</summary>
    public ImmutableArray<LetterSlope> ByLetter { get; init; } = [];
}
