using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Drift;

/// <summary>How far bundle B is from bundle A, complete.</summary>
public sealed record DriftReport
{
    private const double LeastAgreement = 0.05;
    private const double LeastCosine = 0.2;

    /// <summary>Where it came from.</summary>
    public required DriftProvenance Provenance { get; init; }

    /// <summary>Every hook point at every position of every prompt; prompts outer, then points.</summary>
    public required ImmutableArray<DriftCell> Cells { get; init; }

    /// <summary>One for each hook point.</summary>
    public required ImmutableArray<PointDrift> Points { get; init; }

    /// <summary>The hook point that is the model's own output.</summary>
    public required HookPoint Final { get; init; }

    /// <summary>One for each dataset, vector and hook point; empty where no slopes were measured.</summary>
    public ImmutableArray<SlopeDrift> Slopes { get; init; } = [];

    /// <summary>The level of the intervals of slopes: <see cref="Statistics.BootstrapOptions.Level"/> as it was when they were made. Null where no slopes were measured.</summary>
    public double? IntervalLevel { get; init; }

    /// <summary>The display form of any id.</summary>
    public required Func<int, string> TokenText { get; init; }

    /// <summary>
    /// True where A and B are hardly two forms of one model: they say other tokens nearly everywhere, and activations point in other directions in
    /// the mean of all points.
    /// </summary>
    public bool LooksLikeTwoModels =>
        Output.TopAgreement < LeastAgreement && Points.Select(point => point.CosineMean).OfType<double>().DefaultIfEmpty(1).Average() < LeastCosine;

    /// <summary>The drift of the model's own output.</summary>
    public PointDrift Output => Points.First(point => point.Point == Final);
}
