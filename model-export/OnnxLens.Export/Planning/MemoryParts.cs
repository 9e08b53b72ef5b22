namespace OnnxLens.Export.Planning;

/// <summary>What a part of a model takes in memory, in bytes.</summary>
public sealed record MemoryParts
{
    /// <summary>Weights in the type that is computed in, quantised ones as they are stored. A tied embedding counts in the first shard and in the LM head.</summary>
    public long Weights { get; init; }

    /// <summary>Keys and values of one sequence of the planned length.</summary>
    public long Cache { get; init; }

    /// <summary><c>resid_post</c> of every layer at every position of the planned length.</summary>
    public long Captures { get; init; }

    /// <summary>The same at the positions of one window, or of the whole sequence where that is shorter.</summary>
    public long WindowCaptures { get; init; }

    /// <summary>What one call of the LM head may take beside its weights.</summary>
    public long HeadCall { get; init; }

    /// <summary>All together, with captures to this extent.</summary>
    public long Total(CaptureExtent captures) =>
        Weights + Cache + HeadCall + (captures == CaptureExtent.Whole ? Captures : WindowCaptures);

    /// <summary>The sum of several.</summary>
    public static MemoryParts Sum(IEnumerable<MemoryParts> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts.Aggregate(new MemoryParts(), (sum, part) => new MemoryParts
        {
            Weights = sum.Weights + part.Weights,
            Cache = sum.Cache + part.Cache,
            Captures = sum.Captures + part.Captures,
            WindowCaptures = sum.WindowCaptures + part.WindowCaptures,
            HeadCall = sum.HeadCall + part.HeadCall,
        });
    }
}
