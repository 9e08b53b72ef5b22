using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Splits datasets by seed.</summary>
/// <remarks>
/// Rows that ask the same question, with its options in whatever order, stay together. Where fractions are asked for, a
/// question's split is decided by a hash of seed and question alone, so that rows that are added move no others. Where
/// counts are asked for, questions are ranked by that hash and the splits filled in turn.
/// </remarks>
public static class Splits
{
    /// <summary>The split of rows beyond those asked for.</summary>
    public const string Rest = "rest";

    private const string Purpose = "split";

    /// <summary>Puts each row into a split, whatever split it was in; rows beyond those asked for into <see cref="Rest"/>.</summary>
    /// <param name="dataset">The rows.</param>
    /// <param name="parts">The splits, all by fraction or all by count, with different names.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="SelectionException">The parts contradict each other, or ask for more rows than there are.</exception>
    /// <exception cref="EvalException">A split would be empty, or cannot have its exact count without tearing a question's rows apart.</exception>
    public static AnswerDataset Assign(AnswerDataset dataset, IReadOnlyList<SplitPart> parts, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Check(dataset, parts);
        ILookup<string, AnswerPair> questions = dataset.Rows.ToLookup(row => row.QuestionKey);
        Dictionary<string, string> splits = parts[0].Count is null
            ? ByFraction(questions, parts, seed)
            : ByCount(questions, parts, seed, dataset.Name);
        foreach (SplitPart part in parts)
        {
            if (!splits.ContainsValue(part.Name))
                throw new EvalException($"Split '{part.Name}' gets none of the {dataset.Rows.Length} rows of the dataset '{dataset.Name}' with seed {seed}. Ask for counts, for a larger fraction, or give another seed.");
        }

        return new AnswerDataset(dataset.Name, [.. dataset.Rows.Select(row => row with { Split = splits[row.QuestionKey] })], dataset.Skipped, dataset.Notes);
    }

    private static void Check(AnswerDataset dataset, IReadOnlyList<SplitPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0)
            throw new SelectionException("No split is asked for. Give at least one, e.g. train 0.5 and test 0.5.");
        string? twice = parts.GroupBy(part => part.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new SelectionException($"Split '{twice}' is asked for twice. Give each split a name of its own.");
        if (parts.Any(part => part.Count is null) && parts.Any(part => part.Count is not null))
            throw new SelectionException("Splits are asked for by fraction and by count together. Give all by fraction, or all by count.");
        double fractions = parts.Sum(part => part.Fraction ?? 0);
        if (fractions > 1 + 1e-9)
            throw new SelectionException(FormattableString.Invariant($"The fractions of the splits add up to {fractions}; expected at most 1."));
        long counts = parts.Sum(part => (long)(part.Count ?? 0));
        if (counts > dataset.Rows.Length)
            throw new SelectionException($"The splits ask for {counts} rows, and the dataset '{dataset.Name}' has {dataset.Rows.Length}. Ask for fewer.");
    }

    private static Dictionary<string, string> ByFraction(ILookup<string, AnswerPair> questions, IReadOnlyList<SplitPart> parts, ulong seed)
    {
        var splits = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string question in questions.Select(group => group.Key))
        {
            double place = (ContentHashing.Draw(seed, Purpose, question) >> 11) * Math.Pow(2, -53);
            double end = 0;
            // Fractions that add up to 1 may fall short of it by rounding; nothing is then left over.
            splits[question] = parts.FirstOrDefault(part => place < (end += part.Fraction!.Value))?.Name ?? (end > 1 - 1e-9 ? parts[^1].Name : Rest);
        }

        return splits;
    }

    private static Dictionary<string, string> ByCount(ILookup<string, AnswerPair> questions, IReadOnlyList<SplitPart> parts, ulong seed, string dataset)
    {
        var splits = new Dictionary<string, string>(StringComparer.Ordinal);
        List<IGrouping<string, AnswerPair>> left = [.. questions
            .OrderBy(group => ContentHashing.Draw(seed, Purpose, group.Key))
            .ThenBy(group => group.Key, StringComparer.Ordinal)];
        foreach (SplitPart part in parts)
        {
            int missing = part.Count!.Value;
            foreach (IGrouping<string, AnswerPair> question in left.ToArray())
            {
                if (question.Count() > missing)
                    continue;
                missing -= question.Count();
                splits[question.Key] = part.Name;
                left.Remove(question);
                if (missing == 0)
                    break;
            }

            if (missing > 0)
            {
                string advice = part.Count > missing ? $"Ask for {part.Count - missing}." : "Ask for more.";
                throw new EvalException($"Split '{part.Name}' cannot have exactly {part.Count} rows of the dataset '{dataset}': rows that ask the same question stay together, and {missing} more would tear some apart. {advice}");
            }
        }

        foreach (IGrouping<string, AnswerPair> question in left)
            splits[question.Key] = Rest;
        return splits;
    }
}
