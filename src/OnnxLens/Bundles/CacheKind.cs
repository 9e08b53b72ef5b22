using System.Text.Json.Serialization;

namespace OnnxLens.Bundles;

/// <summary>How the attention of a bundle's graphs keeps keys and values from step to step.</summary>
public enum CacheKind
{
    /// <summary>Past and present are one buffer that is longer than the sequence; new entries are written behind the valid ones, whose number is an input.</summary>
    [JsonStringEnumMemberName("shared")]
    Shared,

    /// <summary>Present is past with the new entries behind it: each step gives a tensor that is longer than the one it was given.</summary>
    [JsonStringEnumMemberName("growing")]
    Growing,

    /// <summary>Past and present are one buffer; an input says where each row's new entries are written.</summary>
    [JsonStringEnumMemberName("scattered")]
    Scattered,

    /// <summary>Nothing is kept: a step runs the whole sequence again.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}
