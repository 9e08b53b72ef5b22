using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Pairs of prompts with and without a trait, as text. Immutable.</summary>
/// <param name="name">Its name.</param>
/// <param name="rows">Its rows, in the order of the file.</param>
/// <param name="skipped">Rows that were malformed.</param>
/// <param name="notes">What else there is to say, in sentences.</param>
public sealed class PromptDataset(string name, ImmutableArray<PromptPair> rows, ImmutableArray<SkippedPair> skipped = default, ImmutableArray<string> notes = default)
    : TextDataset<PromptPair>(name, rows, skipped, notes);
