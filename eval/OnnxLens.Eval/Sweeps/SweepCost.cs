using OnnxLens.Bundles;

namespace OnnxLens.Eval.Sweeps;

/// <summary>What a steering vector costs on ordinary text, added at every position.</summary>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">Where it was added.</param>
/// <param name="Multiplier">By what it was multiplied.</param>
/// <param name="Kl">Mean over positions of KL(unsteered‖steered) over the whole vocabulary, nats.</param>
/// <param name="PerplexityRatio">Perplexity steered / unsteered.</param>
public sealed record SweepCost(string Vector, HookPoint Point, double Multiplier, double Kl, double PerplexityRatio);
