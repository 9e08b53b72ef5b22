using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>What a run is to do, as far as its memory depends on it.</summary>
public sealed record MemoryNeeds
{
    /// <summary>Positions of the prompt.</summary>
    public required int PromptLength { get; init; }

    /// <summary>Prompts that are run, one after the other or together.</summary>
    public int Prompts { get; init; } = 1;

    /// <summary>Positions that are run at most, the prompt's counted.</summary>
    public required int Length { get; init; }

    /// <summary>Hook points that are captured; a <c>resid_pre</c> that is a <c>resid_post</c> counts once.</summary>
    public int CapturedPoints { get; init; }

    /// <summary>How many hook points a lens of some points captures: they, and the model's own output.</summary>
    public static int Stored(IEnumerable<HookPoint> points, ModelFacts facts) =>
        points.Append(HookPoint.Final(facts)).Select(CaptureBuffer.Stored).Distinct().Count();

    /// <summary>Cells of the lens; 0 where nothing is decoded.</summary>
    public long Cells { get; init; }

    /// <summary>Top tokens of each cell.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Targets of each cell.</summary>
    public int Targets { get; init; }

    /// <summary>True where the lens finds tokens by candidates, whose scores lie beside the logits.</summary>
    public bool ByCandidates { get; init; }

    /// <summary>True where every captured value is wanted at the end, so that none can be released before.</summary>
    public bool KeepsCaptures { get; init; }
}
