namespace OnnxLens.Bundles;

/// <summary>The form of a bundle's keys and values, the same in every layer.</summary>
public sealed record CacheForm
{
    /// <summary>How they are kept from step to step.</summary>
    public CacheKind Kind { get; init; }

    /// <summary>Their axes.</summary>
    public CacheLayout Layout { get; init; }

    /// <summary>Element type, <c>fp32</c>, <c>fp16</c> or <c>bf16</c>; null where it is the model's.</summary>
    public string? Precision { get; init; }

    /// <summary>The number of entries, where the graphs fix it; else null.</summary>
    public int? Capacity { get; init; }

    /// <summary>Entries that the graphs ask for at least, whatever the length of a sequence: the width of a window that is kept in a ring; else 0.</summary>
    public int LeastCapacity { get; init; }

    /// <summary>True where the graphs run several tokens at once at the beginning of a sequence only, and behind others one at a time.</summary>
    public bool SingleSteps { get; init; }

    /// <summary>True where the graphs take one sequence at a time: the size of their batch is fixed at 1.</summary>
    public bool SingleRow { get; init; }
}
