using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>A question with two contrasting answers, as tokens: the common prompt, and the two tokens that may follow it.</summary>
/// <param name="Sample">Names the row within its dataset, e.g. its number in the file.</param>
/// <param name="Split">The split it belongs to, e.g. <c>train</c> or <c>test</c>.</param>
/// <param name="Letter">The answer that matches the behaviour, without brackets and spaces: <c>A</c>, <c>B</c>, <c>Yes</c>, <c>No</c>.</param>
/// <param name="Prompt">The ids that both full strings begin with. The last one predicts the label.</param>
/// <param name="PositiveToken">The first token of the matching string that the other does not share: the label.</param>
/// <param name="NegativeToken">The token in the same place of the other string.</param>
/// <remarks>The label's position is the length of the prompt.</remarks>
public sealed record LabelledPair(string Sample, string Split, string Letter, ImmutableArray<int> Prompt, int PositiveToken, int NegativeToken);
