namespace OnnxLens.Export.Families;

/// <summary>Llama 1, 2, 3, 3.1 and 3.2 (text), and the many models of that layout.</summary>
internal static class Llama
{
    public static Family Family { get; } = new()
    {
        Name = "llama",
        ArchitectureName = "LlamaForCausalLM",
        ReadsAttentionBias = true,
        ReadsMlpBias = true,
        KvHeadsDefaultToHeads = true,
        Windows = WindowRule.Never,
    };
}
