using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>Everything that a sweep measured, before it is summarised.</summary>
public sealed record SweepMeasurements
{
    /// <summary>The points of the vectors under test, no controls. Every sample of a dataset has one for every vector, hook point and multiplier of that dataset.</summary>
    public required IReadOnlyList<SweepCell> Cells { get; init; }

    /// <summary>What random vectors do; empty where none were run.</summary>
    public IReadOnlyList<ControlSlopes> Controls { get; init; } = [];

    /// <summary>Mean slopes of vectors made with the trait labels shuffled, under the name of the vector that they stand beside.</summary>
    public IReadOnlyList<MeanSlope> Shuffled { get; init; } = [];

    /// <summary>Mean slopes of the vectors of the letter alone, under the name of the vector that they stand beside.</summary>
    public IReadOnlyList<MeanSlope> LetterVectors { get; init; } = [];

    /// <summary>What the vectors cost on ordinary text; those at multiplier 1 go into the summaries.</summary>
    public IReadOnlyList<SweepCost> Costs { get; init; } = [];

    /// <summary>Dataset and sample → the name of the cluster that it is resampled with; null where every sample stands alone.</summary>
    public Func<string, string, string>? ClusterOf { get; init; }
}
