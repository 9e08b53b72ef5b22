using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>One point of a sweep: a sample under one vector at one hook point with one multiplier.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Sample">The sample within it.</param>
/// <param name="Split">The sample's split.</param>
/// <param name="Letter">The answer that matches the behaviour.</param>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">Where it was added, at the last prompt token.</param>
/// <param name="Multiplier">By what it was multiplied.</param>
/// <param name="PositiveLogit">Logit of the label that matches the behaviour.</param>
/// <param name="NegativeLogit">Logit of the other label.</param>
public sealed record SweepCell(
    string Dataset, string Sample, string Split, string Letter, string Vector, HookPoint Point, double Multiplier, float PositiveLogit, float NegativeLogit)
{
    /// <summary>Propensity: positive logit − negative logit.</summary>
    public double Propensity => (double)PositiveLogit - NegativeLogit;
}
