using System.Collections.Immutable;

namespace OnnxLens.Lens;

/// <summary>The lens of one of many inputs.</summary>
/// <param name="Index">The number of the input, from 0.</param>
/// <param name="Input">The input.</param>
/// <param name="Grid">What was read.</param>
/// <param name="Steered">How many positions each operation of the input was applied at, in their order.</param>
public sealed record LensBatchResult(int Index, LensInput Input, LensGrid Grid, ImmutableArray<int> Steered);
