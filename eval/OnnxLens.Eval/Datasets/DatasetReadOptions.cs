namespace OnnxLens.Eval.Datasets;

/// <summary>How a dataset is read. The names are those of columns of CSV and TSV and of fields of JSON alike.</summary>
public sealed record DatasetReadOptions
{
    /// <summary>The dataset's name; null takes the file's, without its ending.</summary>
    public string? Name { get; init; }

    /// <summary>What becomes of malformed rows.</summary>
    public MalformedRows Malformed { get; init; } = MalformedRows.Refuse;

    /// <summary>Holds the question.</summary>
    public string QuestionColumn { get; init; } = "question";

    /// <summary>Holds the answer that matches the behaviour.</summary>
    public string MatchingColumn { get; init; } = "answer_matching_behavior";

    /// <summary>Holds the answer that does not.</summary>
    public string NotMatchingColumn { get; init; } = "answer_not_matching_behavior";

    /// <summary>Holds the prompt with the trait, in a file of contrast prompts.</summary>
    public string PositiveColumn { get; init; } = "positive";

    /// <summary>Holds the prompt without it.</summary>
    public string NegativeColumn { get; init; } = "negative";

    /// <summary>Names the row; may be absent or empty, then the row is <c>row0</c>, <c>row1</c>, … by its number in the file.</summary>
    public string SampleColumn { get; init; } = "sample";

    /// <summary>Names the split the row belongs to; may be absent or empty.</summary>
    public string SplitColumn { get; init; } = "split";

    /// <summary>Checks that each column has a name and that no two of a file have the same.</summary>
    /// <exception cref="SelectionException">One is empty or stands for two things.</exception>
    public void Validate()
    {
        RequireNames(QuestionColumn, MatchingColumn, NotMatchingColumn, SampleColumn, SplitColumn);
        RequireNames(PositiveColumn, NegativeColumn, SampleColumn, SplitColumn);
    }

    private static void RequireNames(params string[] columns)
    {
        if (columns.Any(string.IsNullOrWhiteSpace))
        {
            throw new SelectionException("The name of a dataset's column is empty. Give the name that stands in the file.");
        }

        string? twice = columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new SelectionException($"The dataset's column '{twice}' is given for two things. Give each column a name of its own.");
        }
    }
}
