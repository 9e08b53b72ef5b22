using OnnxLens.Bundles;

namespace OnnxLens.Testing;

/// <summary>One steered forward pass of a golden case.</summary>
/// <param name="Point">Where the vector is added.</param>
/// <param name="Multiplier">What the case's vector is multiplied by.</param>
/// <param name="LogitsAll">Logits where every position is steered, [S][V].</param>
/// <param name="LogitsLast">Logits of the last two positions where the last alone is steered, [2][V].</param>
public sealed record GoldenSteering(HookPoint Point, double Multiplier, float[][] LogitsAll, float[][] LogitsLast);
