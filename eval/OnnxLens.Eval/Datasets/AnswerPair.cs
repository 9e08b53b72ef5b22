namespace OnnxLens.Eval.Datasets;

/// <summary>A question with two contrasting answers, as text.</summary>
/// <param name="Sample">Names the row within its dataset: the sample column, else <c>row0</c>, <c>row1</c>, … by its number in the file.</param>
/// <param name="Line">The line of the file it begins in, from 1.</param>
/// <param name="Question">The question, verbatim.</param>
/// <param name="Matching">The answer that matches the behaviour, verbatim, e.g. <c>(A)</c> or <c> Yes</c> with its space.</param>
/// <param name="NotMatching">The answer that does not.</param>
/// <param name="Split">The split it belongs to; null where none was said.</param>
public sealed record AnswerPair(string Sample, int Line, string Question, string Matching, string NotMatching, string? Split = null) : IDatasetRow
{
    /// <summary>SHA-256 over question and answers, lower hex. Name, line and split are not part of it.</summary>
    public string ContentHash => ContentHashing.OfTexts(Question, Matching, NotMatching);

    /// <summary>The same for the rows that ask one question, whatever the order of its options; other questions have others.</summary>
    internal string QuestionKey => QuestionKeys.Of(Question);
}
