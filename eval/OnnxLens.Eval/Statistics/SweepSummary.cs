using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>What <see cref="SweepSummarizer"/> makes of a sweep.</summary>
/// <param name="Slopes">One for each sample, vector and hook point.</param>
/// <param name="Summaries">One for each dataset, vector and hook point.</param>
public sealed record SweepSummary(ImmutableArray<SampleSlope> Slopes, ImmutableArray<CurveSummary> Summaries);
