using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Takes the rows of one split.</summary>
internal static class SplitRows
{
    /// <summary>The rows of a split. At least one.</summary>
    /// <exception cref="SelectionException">No row belongs to it; the message names those that are there.</exception>
    public static ImmutableArray<T> OfSplit<T>(this ImmutableArray<T> rows, string split, Func<T, string?> splitOf, string dataset)
    {
        ArgumentException.ThrowIfNullOrEmpty(split);
        ImmutableArray<T> chosen = [.. rows.Where(row => splitOf(row) == split)];
        if (!chosen.IsEmpty)
            return chosen;
        string[] names = [.. rows.Select(splitOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        throw new SelectionException(names.Length == 0
            ? $"The dataset '{dataset}' has no split '{split}': its rows name none. Split it, or ask for no split."
            : $"The dataset '{dataset}' has no split '{split}'. It has: {string.Join(", ", names)}.");
    }
}
