using System.Text.Json.Serialization;

namespace OnnxLens.Bundles;

/// <summary>What a file of a bundle is for.</summary>
public enum FileRole
{
    /// <summary>A graph: a shard, or the LM head.</summary>
    [JsonStringEnumMemberName("graph")]
    Graph,

    /// <summary>Weights of the model, which its graphs refer to. Two bundles of one model have the same.</summary>
    [JsonStringEnumMemberName("weights")]
    Weights,

    /// <summary>Data that graphs refer to and that are worked out, not learnt, such as rotary tables.</summary>
    [JsonStringEnumMemberName("tables")]
    Tables,

    /// <summary>A tokenizer file, or a chat template.</summary>
    [JsonStringEnumMemberName("tokenizer")]
    Tokenizer,

    /// <summary>The model's configuration, in a checkpoint.</summary>
    [JsonStringEnumMemberName("config")]
    Config,
}
