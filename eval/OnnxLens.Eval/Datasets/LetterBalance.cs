using System.Collections.Immutable;
using System.Globalization;

namespace OnnxLens.Eval.Datasets;

/// <summary>Whether the matching answers of a dataset spread over the letters, without which a vector of the trait is one of the letter too.</summary>
/// <param name="Counts">Pairs by split and letter, in ordinal order.</param>
/// <param name="Warnings">What is out of balance, in sentences; empty where nothing is.</param>
public sealed record LetterBalance(ImmutableArray<LetterCount> Counts, ImmutableArray<string> Warnings)
{
    private const int MostPercent = 60;

    /// <summary>Counts the letters and warns of each split in which one has more than 60 % of the pairs, or all.</summary>
    /// <param name="set">The pairs.</param>
    public static LetterBalance Of(PairSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Of(set.Name, set.Pairs.Select(pair => (pair.Split, pair.Letter)));
    }

    /// <summary>The same of rows that no tokenizer has seen. Those without a split are counted in <see cref="PairSet.NoSplit"/>.</summary>
    /// <param name="dataset">The rows.</param>
    public static LetterBalance Of(AnswerDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Of(dataset.Name, dataset.Rows.Select(row => (row.Split ?? PairSet.NoSplit, Letters.Of(row.Matching))));
    }

    private static LetterBalance Of(string dataset, IEnumerable<(string Split, string Letter)> pairs)
    {
        ImmutableArray<LetterCount> counts = [.. pairs
            .GroupBy(pair => pair)
            .Select(group => new LetterCount(group.Key.Split, group.Key.Letter, group.Count()))
            .OrderBy(count => count.Split, StringComparer.Ordinal)
            .ThenBy(count => count.Letter, StringComparer.Ordinal)];
        return new LetterBalance(counts, [.. counts.GroupBy(count => count.Split).Select(split => Warning(dataset, [.. split])).OfType<string>()]);
    }

    private static string? Warning(string dataset, LetterCount[] split)
    {
        LetterCount most = split.MaxBy(count => count.Pairs)!;
        int all = split.Sum(count => count.Pairs);
        string where = $"Dataset '{dataset}', split '{most.Split}'";
        if (split.Length == 1)
        {
            return $"{where}: the matching answer is '{most.Letter}' in {(all == 1 ? "its only pair" : $"all {all} pairs")}, so the trait cannot be told from the letter. Add pairs with the options in the other order.";
        }

        return most.Pairs * 100 > all * MostPercent
            ? string.Create(CultureInfo.InvariantCulture, $"{where}: the matching answer is '{most.Letter}' in {most.Pairs} of {all} pairs ({100.0 * most.Pairs / all:0} %), so a vector made of them holds the letter too. Add pairs with the options in the other order.")
            : null;
    }
}
