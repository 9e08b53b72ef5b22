namespace OnnxLens.Export.Families;

/// <summary>Mistral 7B and its kin: Llama's block, with one window for every layer.</summary>
internal static class Mistral
{
    public static Family Family { get; } = new()
    {
        Name = "mistral",
        ArchitectureName = "MistralForCausalLM",
        Windows = WindowRule.EveryLayer,
    };
}
