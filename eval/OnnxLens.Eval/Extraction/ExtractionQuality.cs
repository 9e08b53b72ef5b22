using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Extraction;

/// <summary>How good a vector extracted at one hook point is. Null stands for undefined or not measured.</summary>
/// <param name="Point">Where the activations were read, and the vector belongs.</param>
/// <param name="Pairs">Number of pairs that the vector was made of.</param>
/// <param name="Norm">Euclidean norm of the vector, in units of the activation.</param>
/// <param name="Agreement">Mean cosine of the single differences with their mean, −1 to 1.</param>
/// <param name="HeldOutAuc">Area under the ROC curve of the projections of held-out activations on the vector, 0 to 1.</param>
/// <param name="HeldOutAccuracy">Fraction of held-out pairs whose positive side projects higher, 0 to 1.</param>
/// <param name="HeldOutPairs">Number of pairs held out.</param>
/// <param name="LetterNorm">Norm of the part that follows the letter of the answer and was taken out.</param>
/// <param name="SingularRatio">First by second singular value of the differences: how much one direction stands out.</param>
/// <param name="Warnings">What speaks against using the vector, one sentence each.</param>
public sealed record ExtractionQuality(
    HookPoint Point,
    int Pairs,
    double Norm,
    double Agreement,
    double? HeldOutAuc,
    double? HeldOutAccuracy,
    int HeldOutPairs,
    double? LetterNorm,
    double? SingularRatio,
    ImmutableArray<string> Warnings);
