namespace OnnxLens.Eval.Datasets;

/// <summary>A row of a dataset that is not used, and why.</summary>
/// <param name="Sample">The row's name within its dataset.</param>
/// <param name="Line">The line of the file it begins in, from 1.</param>
/// <param name="Reason">Why, as a clause, e.g. <c>both full strings are the same tokens</c>.</param>
/// <param name="Split">The split it belongs to; null where that is not known, as of a malformed row.</param>
public sealed record SkippedPair(string Sample, int Line, string Reason, string? Split = null);
