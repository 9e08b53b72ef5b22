using System.Collections.Immutable;

namespace OnnxLens.Eval.Gates;

/// <summary>The slopes that a project holds, and how far they may move. Written by <c>onnxlens gate --update</c> and changed by hand.</summary>
public sealed record GateBaseline
{
    /// <summary>SHA-256 of the bundle that the slopes were measured on; null where it is not known.</summary>
    public string? BundleHash { get; init; }

    /// <summary>The multipliers that were swept, with commas: the slope of a curve depends on where it is drawn. Null where they are not known.</summary>
    public string? Multipliers { get; init; }

    /// <summary>True: a result of another bundle fails. False: it is only said.</summary>
    public bool RequireBundle { get; init; }

    /// <summary>How far a mean slope may move where its entry does not say, logits per unit of the multiplier.</summary>
    public double Tolerance { get; init; } = 0.1;

    /// <summary>By how much the fraction of anti-steerable samples may grow where an entry does not say.</summary>
    public double AntiSteerableAllowance { get; init; } = 0.05;

    /// <summary>The largest perplexity ratio on ordinary text at multiplier 1 where an entry does not say; null is any, measured or not.</summary>
    public double? MaxPerplexityRatio { get; init; }

    /// <summary>What is held, each key once.</summary>
    public required ImmutableArray<GateEntry> Entries { get; init; }

    /// <summary>How far the mean slope of an entry may move.</summary>
    public double ToleranceOf(GateEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Tolerance ?? Tolerance;
    }

    /// <summary>The largest fraction of anti-steerable samples of an entry.</summary>
    public double MaxAntiSteerableOf(GateEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.MaxAntiSteerable ?? Math.Min(1, entry.AntiSteerable + AntiSteerableAllowance);
    }

    /// <summary>The largest perplexity ratio of an entry; null is any.</summary>
    public double? MaxPerplexityRatioOf(GateEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.MaxPerplexityRatio ?? MaxPerplexityRatio;
    }
}
