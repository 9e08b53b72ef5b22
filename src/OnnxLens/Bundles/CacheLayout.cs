using System.Text.Json.Serialization;

namespace OnnxLens.Bundles;

/// <summary>The axes of a layer's keys or values. B rows, KV heads, C entries, D head width.</summary>
public enum CacheLayout
{
    /// <summary>[B,KV,C,D].</summary>
    [JsonStringEnumMemberName("heads_first")]
    HeadsFirst,

    /// <summary>[B,C,KV·D].</summary>
    [JsonStringEnumMemberName("positions_first")]
    PositionsFirst,
}
