using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Pairs of prompts with and without a trait, as text. Immutable.</summary>
public sealed class PromptDataset
{
    /// <summary>Makes a dataset.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Its rows, in the order of the file.</param>
    /// <param name="skipped">Rows that were malformed.</param>
    /// <param name="notes">What else there is to say, in sentences.</param>
    public PromptDataset(string name, ImmutableArray<PromptPair> rows, ImmutableArray<SkippedPair> skipped = default, ImmutableArray<string> notes = default)
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
    public ImmutableArray<PromptPair> Rows { get; }

    /// <summary>Rows of the file that were malformed and are left out.</summary>
    public ImmutableArray<SkippedPair> Skipped { get; }

    /// <summary>What else there is to say, in sentences: which rows are the same as an earlier one.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>SHA-256 over the rows' content hashes, sorted, a line each. Lower hex.</summary>
    public string Hash { get; }
}
