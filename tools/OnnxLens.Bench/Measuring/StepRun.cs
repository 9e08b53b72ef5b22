namespace OnnxLens.Bench.Measuring;

/// <summary>Steps in a row that are measured, and stand for a stretch of the phase.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Stretch">Steps that they stand for, themselves included.</param>
internal readonly record struct StepRun(int First, int Count, int Stretch);
