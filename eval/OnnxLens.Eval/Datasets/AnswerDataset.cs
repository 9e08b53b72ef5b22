using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Questions with two contrasting answers, as text. Immutable.</summary>
/// <param name="name">Its name.</param>
/// <param name="rows">Its rows, in the order of the file.</param>
/// <param name="skipped">Rows that were malformed.</param>
/// <param name="notes">What else there is to say, in sentences.</param>
public sealed class AnswerDataset(string name, ImmutableArray<AnswerPair> rows, ImmutableArray<SkippedPair> skipped = default, ImmutableArray<string> notes = default)
    : TextDataset<AnswerPair>(name, rows, skipped, notes)
{
    /// <summary>The splits that rows belong to, in ordinal order. Empty where none says.</summary>
    public ImmutableArray<string> SplitNames => [.. Rows.Select(row => row.Split).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The rows of one split. What was skipped stays listed.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="SelectionException">No row belongs to it.</exception>
    public AnswerDataset OfSplit(string split) =>
        new(Name, Rows.OfSplit(split, row => row.Split, Name), Skipped, Notes);
}
