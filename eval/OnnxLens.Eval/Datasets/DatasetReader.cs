using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>
/// Reads datasets of contrasting pairs from files: a JSON array of objects, an object in each line
/// (<c>.jsonl</c>, <c>.ndjson</c>), or columns (<c>.csv</c>, <c>.tsv</c>). Unknown fields are left alone.
/// </summary>
public static class DatasetReader
{
    /// <summary>Whether the rows of a file are contrast prompts rather than questions with answers, by the fields of its first row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Names of the fields; null takes the usual ones.</param>
    /// <exception cref="EvalException">It cannot be read as a table of rows.</exception>
    /// <exception cref="SelectionException">The options contradict themselves.</exception>
    public static bool HoldsPrompts(string path, DatasetReadOptions? options = null)
    {
        options = Checked(options);
        RawRow? first = Rows(DatasetText.Read(path)).FirstOrDefault(row => row.Problem is null);
        return first is not null && first.Fields.ContainsKey(options.PositiveColumn) && first.Fields.ContainsKey(options.NegativeColumn)
            && !first.Fields.ContainsKey(options.MatchingColumn);
    }

    /// <summary>Reads questions with two answers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Names of the fields, and what becomes of malformed rows; null takes the usual ones and refuses.</param>
    /// <exception cref="EvalException">The file cannot be read, has no rows, or has malformed rows that are not to be skipped.</exception>
    /// <exception cref="SelectionException">The options contradict themselves.</exception>
    public static AnswerDataset ReadAnswers(string path, DatasetReadOptions? options = null)
    {
        options = Checked(options);
        DatasetText file = DatasetText.Read(path);
        (ImmutableArray<AnswerPair> rows, ImmutableArray<SkippedPair> skipped) = RowSieve.Sift(file, Rows(file, options.QuestionColumn, options.MatchingColumn, options.NotMatchingColumn), options, (sample, line, fields) =>
        {
            var row = new AnswerPair(
                sample, line, fields.Text(options.QuestionColumn), fields.Text(options.MatchingColumn), fields.Text(options.NotMatchingColumn), fields.Name(options.SplitColumn));
            if (fields.Problem is null && row.Matching.Trim() == row.NotMatching.Trim())
                fields.Add($"both answers are '{Letters.Of(row.Matching)}'");
            return row;
        });
        return new AnswerDataset(Name(path, options), rows, skipped, RowSieve.Duplicates(rows));
    }

    /// <summary>Reads pairs of prompts with and without the trait.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Names of the fields, and what becomes of malformed rows; null takes the usual ones and refuses.</param>
    /// <exception cref="EvalException">The file cannot be read, has no rows, or has malformed rows that are not to be skipped.</exception>
    /// <exception cref="SelectionException">The options contradict themselves.</exception>
    public static PromptDataset ReadPrompts(string path, DatasetReadOptions? options = null)
    {
        options = Checked(options);
        DatasetText file = DatasetText.Read(path);
        (ImmutableArray<PromptPair> rows, ImmutableArray<SkippedPair> skipped) = RowSieve.Sift(file, Rows(file, options.PositiveColumn, options.NegativeColumn), options, (sample, line, fields) =>
        {
            var row = new PromptPair(sample, line, fields.Text(options.PositiveColumn), fields.Text(options.NegativeColumn));
            if (fields.Problem is null && row.Positive == row.Negative)
                fields.Add("both prompts are the same");
            return row;
        });
        return new PromptDataset(Name(path, options), rows, skipped, RowSieve.Duplicates(rows));
    }

    private static DatasetReadOptions Checked(DatasetReadOptions? options)
    {
        options ??= new DatasetReadOptions();
        options.Validate();
        return options;
    }

    private static string Name(string path, DatasetReadOptions options) => options.Name ?? Path.GetFileNameWithoutExtension(path);

    private static List<RawRow> Rows(DatasetText file, params ReadOnlySpan<string> required)
    {
        List<RawRow> rows = Rows(file);
        RawRow[] readable = [.. rows.Where(row => row.Problem is null)];
        foreach (string name in required)
        {
            if (readable.Length > 0 && !readable.Any(row => row.Fields.ContainsKey(name)))
            {
                string found = string.Join(", ", readable.SelectMany(row => row.Fields.Keys).Distinct().Take(20).Select(field => $"'{field}'"));
                throw file.Wrong($"has no '{name}' in any row; its fields are: {(found.Length == 0 ? "none" : found)}. Give a dataset that has it, or say which field takes its place.");
            }
        }

        return rows;
    }

    private static List<RawRow> Rows(DatasetText file)
    {
        if (file.Extension == ".csv")
            return CsvRows.Of(file, ",");
        if (file.Extension == ".tsv")
            return CsvRows.Of(file, "\t");

        char first = file.Text.AsSpan().TrimStart()[0];
        if (file.Extension is not (".json" or ".jsonl" or ".ndjson") && first is not ('[' or '{'))
        {
            throw file.Wrong($"has the ending '{file.Extension}' and is no JSON, so its form is not known; expected .json, .jsonl, .ndjson, .csv or .tsv. Rename it after its form.");
        }

        bool lines = first != '[' && (file.Extension is ".jsonl" or ".ndjson" || JsonRows.IsLines(file.Text));
        return lines ? JsonRows.OfLines(file) : JsonRows.OfArray(file);
    }
}
