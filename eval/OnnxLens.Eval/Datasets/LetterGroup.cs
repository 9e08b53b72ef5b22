using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Pairs whose matching answer has one letter.</summary>
/// <param name="Letter">The letter, e.g. <c>A</c> or <c>Yes</c>.</param>
/// <param name="Pairs">Their places in <see cref="PairSet.Pairs"/>, ascending.</param>
public sealed record LetterGroup(string Letter, ImmutableArray<int> Pairs);
