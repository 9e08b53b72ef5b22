using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Questions with two contrasting answers, as text. Immutable.</summary>
public sealed class AnswerDataset
{
    /// <summary>Makes a dataset.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Its rows, in the order of the file.</param>
    /// <param name="skipped">Rows that were malformed.</param>
    /// <param name="notes">What else there is to say, in sentences.</param>
    public AnswerDataset(string name, ImmutableArray<AnswerPair> rows, ImmutableArray<SkippedPair> skipped = default, ImmutableArray<string> notes = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (rows.IsDefaultOrEmpty)
            throw new ArgumentException("A dataset has at least one row.", nameof(rows));
        Name = name;
        Rows = rows;
        Skipped = skipped.IsDefault ? [] : skipped;
        Notes = notes.IsDefault ? [] : notes;
        Hash = ContentHashing.OfRows(rows.Select(row => row.ContentHash));
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its rows, in the order of the file. At least one.</summary>
    public ImmutableArray<AnswerPair> Rows { get; }

    /// <summary>Rows of the file that were malformed and are left out.</summary>
    public ImmutableArray<SkippedPair> Skipped { get; }

    /// <summary>What else there is to say, in sentences: which rows are the same as an earlier one.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>SHA-256 over the rows' content hashes, sorted, a line each. Names, splits and order are not part of it. Lower hex.</summary>
    public string Hash { get; }

    /// <summary>The splits that rows belong to, in ordinal order. Empty where none says.</summary>
    public ImmutableArray<string> SplitNames => [.. Rows.Select(row => row.Split).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The rows of one split. What was skipped stays listed.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="SelectionException">No row belongs to it.</exception>
    public AnswerDataset OfSplit(string split) =>
        new(Name, Rows.OfSplit(split, row => row.Split, Name), Skipped, Notes);
}
