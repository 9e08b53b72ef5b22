namespace OnnxLens.Reports.Journals;

/// <summary>What a journal is of, in words for messages.</summary>
/// <param name="Work">What is done, e.g. <c>sweep</c>.</param>
/// <param name="Parts">What is finished one by one, e.g. <c>samples</c>.</param>
internal sealed record JournalKind(string Work, string Parts);
