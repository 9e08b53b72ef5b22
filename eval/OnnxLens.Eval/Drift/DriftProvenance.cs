namespace OnnxLens.Eval.Drift;

/// <summary>Where a drift report came from. Written into <c>drift.json</c>.</summary>
public sealed record DriftProvenance
{
    /// <summary>The program and its version.</summary>
    public required string Tool { get; init; }

    /// <summary>The bundle from which distance is measured.</summary>
    public required DriftSide A { get; init; }

    /// <summary>The bundle whose distance is measured.</summary>
    public required DriftSide B { get; init; }

    /// <summary>SHA-256 of the file of prompts.</summary>
    public required string PromptsHash { get; init; }

    /// <summary>Number of prompts.</summary>
    public required int Prompts { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public required int Tokens { get; init; }

    /// <summary>The positions compared, as they were asked for.</summary>
    public required string Positions { get; init; }

    /// <summary>k of the top-k overlap.</summary>
    public required int TopK { get; init; }

    /// <summary>How slopes were measured, or null where they were not.</summary>
    public DriftSlopeProvenance? Slopes { get; init; }
}
