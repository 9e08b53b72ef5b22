namespace OnnxLens.Bundles;

/// <summary>The LM head graph: final norm, unembedding and read-outs. Port names are fixed (<see cref="HeadPorts"/>).</summary>
public sealed record HeadEntry
{
    /// <summary>File name of the graph.</summary>
    public required string File { get; init; }

    /// <summary>The device the head was exported for.</summary>
    public required string Device { get; init; }
}
