namespace OnnxLens.Export.Families;

/// <summary>Qwen3 (dense): a norm per head of q and k, and a head width of its own.</summary>
internal static class Qwen3
{
    public static Family Family { get; } = new()
    {
        Name = "qwen3",
        ArchitectureName = "Qwen3ForCausalLM",
        QkNorm = true,
        ReadsAttentionBias = true,
        DefaultHeadDim = 128,
        Windows = WindowRule.ByLayer,
    };
}
