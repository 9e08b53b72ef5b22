using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Two prompts that differ in the trait, as tokens. What is read is the activation at the last token of each.</summary>
/// <param name="Sample">Names the row within its dataset.</param>
/// <param name="Positive">Ids of the prompt with the trait.</param>
/// <param name="Negative">Ids of the prompt without it.</param>
public sealed record ContrastPrompts(string Sample, ImmutableArray<int> Positive, ImmutableArray<int> Negative);
