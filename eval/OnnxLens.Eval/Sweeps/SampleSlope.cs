using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>How one sample's propensity follows the multiplier of one vector at one hook point.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Sample">The sample within it.</param>
/// <param name="Letter">The answer that matches the behaviour.</param>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">Where it was added.</param>
/// <param name="Slope">Ordinary least squares slope of propensity on multiplier, logits per unit.</param>
/// <param name="Intercept">Its intercept: the fitted propensity at multiplier 0.</param>
/// <param name="R2">Squared Pearson correlation; null where the propensity is constant.</param>
/// <param name="Spearman">Rank correlation, mean ranks for ties; null where the propensity is constant.</param>
public sealed record SampleSlope(
    string Dataset, string Sample, string Letter, string Vector, HookPoint Point, double Slope, double Intercept, double? R2, double? Spearman);
