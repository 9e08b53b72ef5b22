using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>Turns raw rows into rows of a dataset; each becomes one or is listed with its reason.</summary>
internal static class RowSieve
{
    private const int Named = 10;

    /// <summary>Rows that can be used, and rows that cannot.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="raw">Its rows.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="make">Makes a row of its name, line and fields; what is wrong it adds to these.</param>
    /// <exception cref="EvalException">There is no row, or a malformed one where these are not skipped.</exception>
    public static (ImmutableArray<T> Rows, ImmutableArray<SkippedPair> Skipped) Sift<T>(
        DatasetText file, IReadOnlyList<RawRow> raw, DatasetReadOptions options, Func<string, int, RowFields, T> make)
    {
        var rows = ImmutableArray.CreateBuilder<T>();
        var skipped = ImmutableArray.CreateBuilder<SkippedPair>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < raw.Count; i++)
        {
            var fields = new RowFields(raw[i]);
            string sample = fields.Name(options.SampleColumn) ?? $"row{i}";
            if (!lines.TryAdd(sample, raw[i].Line))
                fields.Add($"is the second named '{sample}', after line {lines[sample]}");
            T row = make(sample, raw[i].Line, fields);
            if (fields.Problem is { } problem)
                skipped.Add(new SkippedPair(sample, raw[i].Line, problem));
            else
                rows.Add(row);
        }

        Check(file, rows.Count, skipped.ToImmutable(), options);
        return (rows.ToImmutable(), skipped.ToImmutable());
    }

    /// <summary>Says which rows are the same as an earlier one.</summary>
    public static ImmutableArray<string> Duplicates<T>(IEnumerable<T> rows) where T : IDatasetRow
    {
        var first = new Dictionary<string, T>(StringComparer.Ordinal);
        List<string> found = [];
        foreach (T row in rows)
        {
            if (!first.TryAdd(row.ContentHash, row))
                found.Add($"{row.Sample} (line {row.Line}) is the same as {first[row.ContentHash].Sample} (line {first[row.ContentHash].Line}).");
        }

        return found.Count <= Named ? [.. found] : [.. found.Take(Named), $"{found.Count - Named} more rows are the same as an earlier one."];
    }

    private static void Check(DatasetText file, int rows, ImmutableArray<SkippedPair> malformed, DatasetReadOptions options)
    {
        if (malformed.Length > 0 && (options.Malformed == MalformedRows.Refuse || rows == 0))
        {
            throw file.Wrong(rows == 0
                ? $"has no row that can be used; all {malformed.Length} are malformed:{Listed(malformed)}\nGive a dataset with rows of the form that is expected."
                : $"has {malformed.Length} malformed row(s) among {rows + malformed.Length}:{Listed(malformed)}\nCorrect them, or ask for malformed rows to be skipped.");
        }

        if (rows == 0)
            throw file.Wrong("has no rows; expected at least one. Give a dataset with rows.");
    }

    private static string Listed(ImmutableArray<SkippedPair> malformed)
    {
        string named = string.Concat(malformed.Take(Named).Select(row => $"\n  line {row.Line} ({row.Sample}): {row.Reason}"));
        return malformed.Length <= Named ? named : $"{named}\n  and {malformed.Length - Named} more";
    }
}
