using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Eval.Drift;

/// <summary>How two bundles differ at one place of one prompt.</summary>
/// <param name="Prompt">The prompt's number.</param>
/// <param name="Position">The position in it.</param>
/// <param name="Token">The id there.</param>
/// <param name="Next">The id that follows in the prompt, or null at its end.</param>
/// <param name="Point">The hook point.</param>
/// <param name="Comparison">The difference; A is the reference, B the other.</param>
public readonly record struct DriftCell(int Prompt, int Position, int Token, int? Next, HookPoint Point, CellComparison Comparison);
