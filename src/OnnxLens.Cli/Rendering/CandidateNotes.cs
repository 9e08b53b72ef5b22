using System.Globalization;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Rendering;

/// <summary>What candidates cost in accuracy, in words.</summary>
internal static class CandidateNotes
{
    /// <summary>One line; none where the lens was exact.</summary>
    public static List<string> Of(CandidateError? error) => error is null
        ? []
        : [string.Create(
            CultureInfo.InvariantCulture,
            $"candidates ({error.Form}): {error.Cells} cell(s) were decoded exactly as well; {error.OtherTop:0.0%} of them have other top tokens; log-probabilities differ by at most {error.TopLogProb:G2}, entropy by {error.Entropy:G2}, KL by {error.Kl:G2} nats")];
}
