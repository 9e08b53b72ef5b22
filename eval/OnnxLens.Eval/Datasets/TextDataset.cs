using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Rows of a dataset, as text. Immutable.</summary>
/// <typeparam name="TRow">What a row holds.</typeparam>
public abstract class TextDataset<TRow>
    where TRow : IDatasetRow
{
    private protected TextDataset(string name, ImmutableArray<TRow> rows, ImmutableArray<SkippedPair> skipped, ImmutableArray<string> notes)
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
    public ImmutableArray<TRow> Rows { get; }

    /// <summary>Rows of the file that were malformed and are left out.</summary>
    public ImmutableArray<SkippedPair> Skipped { get; }

    /// <summary>What else there is to say, in sentences: which rows are the same as an earlier one.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>SHA-256 over the rows' content hashes, sorted, a line each. Names, splits and order are not part of it. Lower hex.</summary>
    public string Hash { get; }
}
