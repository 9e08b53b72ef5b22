using System.Collections.Immutable;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Reports;

namespace OnnxLens.Cli.Models;

/// <summary>What a lens run gave.</summary>
/// <param name="Report">The lens with its tokens.</param>
/// <param name="Generation">What was generated, or null.</param>
/// <param name="PromptLength">Positions of the prompt.</param>
internal sealed record LensResult(LensReport Report, GenerationResult? Generation, int PromptLength)
{
    /// <summary>The lens.</summary>
    public LensGrid Grid => Report.Grid;

    /// <summary>The whole sequence, the last token generated among it.</summary>
    public ImmutableArray<ReportToken> Tokens => Report.Tokens;

    /// <summary>True where the user cancelled the generation.</summary>
    public bool Cancelled => Generation?.StopReason == StopReason.Cancelled;
}
