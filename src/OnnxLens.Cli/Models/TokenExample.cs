using System.Collections.Immutable;

namespace OnnxLens.Cli.Models;

/// <summary>How one row of a dataset ends as tokens.</summary>
/// <param name="Sample">The row.</param>
/// <param name="Parts">What is shown of it, by name: ids.</param>
internal sealed record TokenExample(string Sample, ImmutableArray<(string Name, ImmutableArray<int> Ids)> Parts);
