namespace OnnxLens.Eval.Gates;

/// <summary>One way in which a result does not hold a baseline.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Message">In words, with the numbers.</param>
public sealed record GateFailure(GateFailureKind Kind, string Message);
