using System.Collections.Immutable;

namespace OnnxLens.Eval.Sweeps;

/// <summary>The result of a sweep, complete.</summary>
public sealed record SweepReport
{
    /// <summary>Where it came from.</summary>
    public required SweepProvenance Provenance { get; init; }

    /// <summary>Every point of every sample; vectors under test only, no controls.</summary>
    public required ImmutableArray<SweepCell> Cells { get; init; }

    /// <summary>One for each sample, vector and hook point.</summary>
    public required ImmutableArray<SampleSlope> Slopes { get; init; }

    /// <summary>One for each dataset, vector and hook point.</summary>
    public required ImmutableArray<CurveSummary> Summaries { get; init; }

    /// <summary>What the vectors cost on ordinary text; empty where none was given.</summary>
    public ImmutableArray<SweepCost> Costs { get; init; } = [];

    /// <summary>The level of all intervals: <see cref="Statistics.BootstrapOptions.Level"/> as it was when they were made.</summary>
    public required double IntervalLevel { get; init; }
}
