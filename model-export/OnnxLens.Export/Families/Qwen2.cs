namespace OnnxLens.Export.Families;

/// <summary>Qwen2 and Qwen2.5: biases on q, k and v only.</summary>
internal static class Qwen2
{
    public static Family Family { get; } = new()
    {
        Name = "qwen2",
        ArchitectureName = "Qwen2ForCausalLM",
        AlwaysQkvBias = true,
        Windows = WindowRule.ByLayer,
    };
}
