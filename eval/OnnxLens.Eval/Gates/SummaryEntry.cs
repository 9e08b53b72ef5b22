namespace OnnxLens.Eval.Gates;

/// <summary>What a result says of one vector at one hook point on one dataset.</summary>
/// <param name="Key">Of what.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="MeanSlope">Mean of the samples' slopes, logits per unit of the multiplier.</param>
/// <param name="CiLow">Lower end of its bootstrap interval, or null.</param>
/// <param name="CiHigh">Upper end, or null.</param>
/// <param name="AntiSteerable">Fraction of samples whose slope is negative.</param>
public sealed record SummaryEntry(GateKey Key, int Samples, double MeanSlope, double? CiLow, double? CiHigh, double AntiSteerable)
{
    /// <summary>Perplexity ratio on ordinary text at multiplier 1; null where it was not measured.</summary>
    public double? PerplexityRatio { get; init; }
}
