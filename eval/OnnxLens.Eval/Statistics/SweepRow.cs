namespace OnnxLens.Eval.Statistics;

/// <summary>One sample's curve.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Letter">The answer that matches the behaviour.</param>
/// <param name="Propensities">The propensity at each multiplier, ascending.</param>
internal sealed record SweepRow(string Sample, string Letter, double[] Propensities);
