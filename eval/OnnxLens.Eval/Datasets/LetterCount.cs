namespace OnnxLens.Eval.Datasets;

/// <summary>How many pairs of a split have one letter as their matching answer.</summary>
/// <param name="Split">The split.</param>
/// <param name="Letter">The letter, e.g. <c>A</c> or <c>Yes</c>.</param>
/// <param name="Pairs">How many pairs.</param>
public sealed record LetterCount(string Split, string Letter, int Pairs);
