namespace OnnxLens.Eval.Datasets;

/// <summary>Two prompts that differ in the trait, as text.</summary>
/// <param name="Sample">Names the row within its dataset: the sample column, else <c>row0</c>, <c>row1</c>, … by its number in the file.</param>
/// <param name="Line">The line of the file it begins in, from 1.</param>
/// <param name="Positive">The prompt with the trait, verbatim.</param>
/// <param name="Negative">The prompt without it.</param>
public sealed record PromptPair(string Sample, int Line, string Positive, string Negative) : IDatasetRow
{
    /// <summary>SHA-256 over both prompts, lower hex. Name and line are not part of it.</summary>
    public string ContentHash => ContentHashing.OfTexts(Positive, Negative);
}
