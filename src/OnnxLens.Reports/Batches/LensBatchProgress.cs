using System.Collections.Immutable;

namespace OnnxLens.Reports.Batches;

/// <summary>How far a batch is.</summary>
/// <param name="Prompts">Prompts whose rows are written: the first ones of the file.</param>
/// <param name="Tokens">Their tokens.</param>
/// <param name="UndefinedCells">Cells in which nothing could be read, for the activation is not a number.</param>
/// <param name="Steered">How many positions each steering operation was applied at.</param>
public sealed record LensBatchProgress(int Prompts, long Tokens, long UndefinedCells, ImmutableArray<long> Steered);
