using OnnxLens.Bundles;

namespace OnnxLens.Eval.Gates;

/// <summary>What a gate holds: one vector at one hook point on one dataset.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Vector">The vector's name.</param>
/// <param name="Point">Where it is added.</param>
public sealed record GateKey(string Dataset, string Vector, HookPoint Point)
{
    /// <inheritdoc/>
    public override string ToString() => $"'{Vector}' at {Point} on '{Dataset}'";
}
