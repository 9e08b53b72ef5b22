using System.Collections.Immutable;

namespace OnnxLens.Eval.Gates;

/// <summary>A result held against a baseline.</summary>
public sealed record GateReport
{
    /// <summary>One for each entry of the baseline, in its order.</summary>
    public required ImmutableArray<GateCheck> Checks { get; init; }

    /// <summary>What the result has and the baseline does not. Listed, no failure.</summary>
    public required ImmutableArray<SummaryEntry> New { get; init; }

    /// <summary>How the bundles differ, or null where they do not, or where one is not known and none is required.</summary>
    public string? BundleDifference { get; init; }

    /// <summary>True where another bundle is a failure.</summary>
    public required bool RequiresBundle { get; init; }

    /// <summary>True where a limit is set on what a vector does to the perplexity of ordinary text.</summary>
    public bool HoldsPerplexity => Checks.Any(check => check.MaxPerplexityRatio is not null);

    /// <summary>The failure that another bundle is, where it is one.</summary>
    public GateFailure? BundleFailure => RequiresBundle && BundleDifference is string message ? new GateFailure(GateFailureKind.OtherBundle, message) : null;

    /// <summary>True where everything holds.</summary>
    public bool Passed => BundleFailure is null && Checks.All(check => check.Passed);

    /// <summary>One line, e.g. <c>3 of 4 entries hold</c>.</summary>
    public string Headline => $"{Checks.Count(check => check.Passed)} of {Checks.Length} entries hold{(BundleFailure is null ? "" : ", of another bundle")}";
}
