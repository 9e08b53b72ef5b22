using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>How many inputs are run together.</summary>
public sealed record LensBatchOptions
{
    /// <summary>Micro-batches in flight at most, whatever is asked for.</summary>
    public const int MostInFlight = 64;

    /// <summary>Positions of a micro-batch at most, padding counted. A longer input runs alone, in chunks of <see cref="LensModelOptions.ChunkLength"/>.</summary>
    public int MicroBatchTokens { get; init; } = 512;

    /// <summary>
    /// Micro-batches that are worked on at once, each with a cache and captures of its own. 0 chooses: as many as there are shards and the
    /// head, but no more than the cores can run with the threads that the model was opened with.
    /// </summary>
    public int InFlight { get; init; }

    /// <summary>
    /// Positions that are read ahead of the results, and the room within which inputs are sorted by length. Results come in the order of the
    /// inputs, so those of twice as many positions may have to be kept.
    /// </summary>
    public int LookAheadTokens { get; init; } = 8192;

    /// <summary>
    /// Bytes that captures and caches of all micro-batches in flight may take, and a quarter of which the results kept may. An input that
    /// needs more by itself runs nevertheless.
    /// </summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MicroBatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(InFlight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlight, MostInFlight);
        ArgumentOutOfRangeException.ThrowIfLessThan(LookAheadTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBytes, 1);
    }
}
