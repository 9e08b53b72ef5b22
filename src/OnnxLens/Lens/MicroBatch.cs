using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>Inputs that run together, padded to the longest. All are steered alike.</summary>
/// <param name="Rows">The inputs, each with its number.</param>
internal sealed record MicroBatch(ImmutableArray<(int Index, LensInput Input)> Rows)
{
    /// <summary>Positions of the longest.</summary>
    public int Longest => Rows.Max(row => row.Input.Tokens.Length);

    /// <summary>What the run captures and steers.</summary>
    public HookSpec Hooks(Bundles.ModelFacts facts) => new()
    {
        Capture = [.. Rows.SelectMany(row => row.Input.Request.Captured(facts)).Distinct()],
        Steer = Rows[0].Input.Steer,
    };
}
