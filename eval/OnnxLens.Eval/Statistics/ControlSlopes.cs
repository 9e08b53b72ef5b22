using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Statistics;

/// <summary>What random vectors do where a vector is tested.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Point">Where they were added.</param>
/// <param name="MeanSlopes">The mean slope of each random vector.</param>
/// <param name="Vector">The vector whose norm they have; null where they stand for every vector at this point.</param>
public sealed record ControlSlopes(string Dataset, HookPoint Point, ImmutableArray<double> MeanSlopes, string? Vector = null);
