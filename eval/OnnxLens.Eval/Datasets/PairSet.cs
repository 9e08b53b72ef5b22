using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>A dataset as tokens: the pairs whose label could be told, and those that are skipped. Immutable.</summary>
public sealed class PairSet
{
    /// <summary>The split of rows that name none.</summary>
    public const string NoSplit = "all";

    internal PairSet(
        string name, ImmutableArray<AnswerPair> rows, ImmutableArray<LabelledPair> pairs, ImmutableArray<SkippedPair> skipped, ImmutableArray<string> notes, string promptForm)
    {
        Name = name;
        Rows = rows;
        Pairs = pairs;
        Skipped = skipped;
        Notes = notes;
        PromptForm = promptForm;
        Hash = ContentHashing.OfRows(rows.Select(row => row.ContentHash));
        ByLetter = [.. Enumerable.Range(0, pairs.Length)
            .GroupBy(i => pairs[i].Letter)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new LetterGroup(group.Key, [.. group]))];
    }

    /// <summary>The dataset's name.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over the content hashes of the rows used, sorted, a line each. The order of rows, names, splits and the tokenizer are not part of it. Lower hex.</summary>
    public string Hash { get; }

    /// <summary>The pairs, in the order of the file. At least one.</summary>
    public ImmutableArray<LabelledPair> Pairs { get; }

    /// <summary>The text of each pair, in the order of <see cref="Pairs"/>.</summary>
    public ImmutableArray<AnswerPair> Rows { get; }

    /// <summary>The rows that are not used, malformed ones included, by line.</summary>
    public ImmutableArray<SkippedPair> Skipped { get; }

    /// <summary>What else there is to say of the file, in sentences.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>How rows became text: <c>raw</c> or <c>chat</c>.</summary>
    public string PromptForm { get; }

    /// <summary>The pairs by the letter of their matching answer, in ordinal order of letters.</summary>
    public ImmutableArray<LetterGroup> ByLetter { get; }

    /// <summary>How many of the pairs ask a question that another set asks too, with its options in whatever order.</summary>
    /// <param name="other">The other set.</param>
    public int SharedQuestions(PairSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        HashSet<string> theirs = [.. other.Rows.Select(row => row.QuestionKey)];
        return Rows.Count(row => theirs.Contains(row.QuestionKey));
    }

    /// <summary>The first pairs, in the order of the file.</summary>
    /// <param name="count">How many at most; at least 1.</param>
    public PairSet Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count >= Pairs.Length ? this : new PairSet(Name, Rows[..count], Pairs[..count], Skipped, Notes, PromptForm);
    }

    /// <summary>The pairs of one split, and what was skipped of it or of rows whose split is not known.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="SelectionException">No pair belongs to it.</exception>
    public PairSet OfSplit(string split) => new(
        Name,
        Rows.OfSplit(split, row => row.Split ?? NoSplit, Name),
        Pairs.OfSplit(split, pair => pair.Split, Name),
        [.. Skipped.Where(row => row.Split is null || row.Split == split)],
        Notes,
        PromptForm);
}
