using System.Collections.Immutable;

namespace OnnxLens.Eval.Gates;

/// <summary>One entry of a baseline, held against a result.</summary>
/// <param name="Expected">The entry.</param>
/// <param name="Actual">What the result says; null where it has no such entry.</param>
/// <param name="Tolerance">How far the mean slope may move.</param>
/// <param name="MaxAntiSteerable">The largest fraction of anti-steerable samples.</param>
/// <param name="Failures">Empty where it holds.</param>
public sealed record GateCheck(GateEntry Expected, SummaryEntry? Actual, double Tolerance, double MaxAntiSteerable, ImmutableArray<GateFailure> Failures)
{
    /// <summary>The largest perplexity ratio on ordinary text at multiplier 1; null where none is set.</summary>
    public double? MaxPerplexityRatio { get; init; }

    /// <summary>True where the result holds the entry.</summary>
    public bool Passed => Failures.IsEmpty;
}
