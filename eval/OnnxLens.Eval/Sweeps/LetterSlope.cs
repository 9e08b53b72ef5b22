namespace OnnxLens.Eval.Sweeps;

/// <summary>The mean slope of the samples whose matching answer has one letter.</summary>
/// <param name="Letter">The letter, e.g. <c>A</c> or <c>Yes</c>.</param>
/// <param name="Samples">How many samples.</param>
/// <param name="MeanSlope">Mean of their slopes.</param>
public sealed record LetterSlope(string Letter, int Samples, double MeanSlope);
