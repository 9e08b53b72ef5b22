namespace OnnxLens.Export.Instrument.Finding;

/// <summary>The cache of one layer.</summary>
/// <param name="Key">Its keys.</param>
/// <param name="Value">Its values.</param>
internal sealed record LayerCachePorts(CachePort Key, CachePort Value)
{
    /// <summary>Keys, then values.</summary>
    public IEnumerable<CachePort> Both => [Key, Value];
}
