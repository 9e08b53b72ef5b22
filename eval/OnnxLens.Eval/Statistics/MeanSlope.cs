using OnnxLens.Bundles;

namespace OnnxLens.Eval.Statistics;

/// <summary>The mean of the samples' slopes of one vector at one hook point on one dataset.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">Where it was added.</param>
/// <param name="Value">Mean slope, logits per unit of the multiplier.</param>
public sealed record MeanSlope(string Dataset, string Vector, HookPoint Point, double Value);
