using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Extraction;

/// <summary>What was extracted at one hook point: the vector, its controls, and how good it looks.</summary>
/// <param name="Point">The hook point.</param>
/// <param name="Values">The vector, H values. Directions of length 1 are scaled to the norm of the mean difference, so that a multiplier means the same for every method.</param>
/// <param name="Shuffled">The same made with half of the pairs turned round; default where that cannot be made.</param>
/// <param name="Letter">The part that follows the letter of the answer and not the trait; default where there are not two letters.</param>
/// <param name="Quality">How good it looks.</param>
public sealed record ExtractedVector(
    HookPoint Point, ImmutableArray<float> Values, ImmutableArray<float> Shuffled, ImmutableArray<float> Letter, ExtractionQuality Quality);
