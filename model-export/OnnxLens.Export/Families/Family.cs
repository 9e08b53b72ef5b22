namespace OnnxLens.Export.Families;

/// <summary>
/// What sets a model family apart from the others, as far as its config and its weights go.
/// The block itself is shared; the sizes come from the checkpoint's config.
/// </summary>
public sealed record Family
{
    /// <summary>The name used in bundles and commands, equal to <c>model_type</c> in config.json, e.g. <c>qwen3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The one entry of <c>architectures</c> in config.json, e.g. <c>Qwen3ForCausalLM</c>.</summary>
    public required string ArchitectureName { get; init; }

    /// <summary>True where q and k get a norm per head.</summary>
    public bool QkNorm { get; init; }

    /// <summary>True where q, k and v always have a bias, whatever the config says.</summary>
    public bool AlwaysQkvBias { get; init; }

    /// <summary>True where the config's <c>attention_bias</c> gives q, k, v and the output projection a bias.</summary>
    public bool ReadsAttentionBias { get; init; }

    /// <summary>True where the config's <c>mlp_bias</c> gives the three MLP projections a bias.</summary>
    public bool ReadsMlpBias { get; init; }

    /// <summary>True where a config without <c>num_key_value_heads</c> means as many as query heads.</summary>
    public bool KvHeadsDefaultToHeads { get; init; }

    /// <summary>The head width of a config without <c>head_dim</c>; null where that is hidden_size / num_attention_heads.</summary>
    public int? DefaultHeadDim { get; init; }

    /// <summary>How the config says which layers attend within a window.</summary>
    public required WindowRule Windows { get; init; }
}
