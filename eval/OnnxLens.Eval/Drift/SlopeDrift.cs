using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Drift;

/// <summary>How the effect of one vector at one hook point changes from A to B. Null stands for undefined.</summary>
public sealed record SlopeDrift
{
    /// <summary>The dataset's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The vector's name.</summary>
    public required string Vector { get; init; }

    /// <summary>Where it was added.</summary>
    public required HookPoint Point { get; init; }

    /// <summary>The samples' slopes in both, in the order of the dataset. At least one.</summary>
    public required ImmutableArray<SlopePair> Samples { get; init; }

    /// <summary>Mean slope in A, logits per unit of the multiplier.</summary>
    public required double SlopeA { get; init; }

    /// <summary>Mean slope in B.</summary>
    public required double SlopeB { get; init; }

    /// <summary>Mean over the samples of slope B − slope A.</summary>
    public required double Difference { get; init; }

    /// <summary>Lower end of the paired bootstrap interval of <see cref="Difference"/>; null for a single sample or question.</summary>
    public double? CiLow { get; init; }

    /// <summary>Upper end.</summary>
    public double? CiHigh { get; init; }

    /// <summary>Pearson correlation of the samples' slopes in A and B; exactly 1 where they are equal, null where either is constant.</summary>
    public double? Correlation { get; init; }

    /// <summary>Samples that the vector moves one way in A and the other way in B.</summary>
    public int SignFlips => Samples.Count(sample => sample.Flips);
}
