using System.CommandLine;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;

namespace OnnxLens.Bench.Commands;

/// <summary><c>checkpoint</c>: writes a random checkpoint of any size in the Hugging Face layout.</summary>
internal static class CheckpointCommand
{
    private static readonly Option<string> Out = new("--out") { Required = true, Description = "Folder to write; new, or empty." };
    private static readonly Option<string> Preset = new("--preset") { DefaultValueFactory = _ => "medium", Description = "Sizes to start from." };
    private static readonly Option<string?> Family = new("--family") { Description = "llama, qwen2, qwen3 or mistral." };
    private static readonly Option<int?> Layers = new("--layers") { Description = "Number of blocks." };
    private static readonly Option<int?> Hidden = new("--hidden") { Description = "Width of the residual stream." };
    private static readonly Option<int?> Heads = new("--heads") { Description = "Number of query heads." };
    private static readonly Option<int?> KvHeads = new("--kv-heads") { Description = "Number of key and value heads." };
    private static readonly Option<int?> HeadDim = new("--head-dim") { Description = "Width of one head; hidden ÷ heads where it is not given." };
    private static readonly Option<int?> Intermediate = new("--intermediate") { Description = "Width of the MLP." };
    private static readonly Option<int?> Vocabulary = new("--vocab") { Description = "Rows of the embedding." };
    private static readonly Option<int?> Context = new("--context") { Description = "The longest sequence." };
    private static readonly Option<string?> Type = new("--dtype") { Description = "Element type of the weights." };
    private static readonly Option<bool> Tied = new("--tied") { Description = "The unembedding is the embedding." };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "The same seed and sizes give the same bytes." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Preset.AcceptOnlyFromAmong("medium", "tiny");
        Type.AcceptOnlyFromAmong("bf16", "fp16", "fp32");
        var command = new Command("checkpoint", "Write a random checkpoint in the Hugging Face layout.")
        {
            Out, Preset, Family, Layers, Hidden, Heads, KvHeads, HeadDim, Intermediate, Vocabulary, Context, Type, Tied, Seed,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        RandomCheckpoint.Write(parsed.GetRequiredValue(Out), Options(parsed));
        return ExitCodes.Done;
    }

    private static RandomCheckpointOptions Options(ParseResult parsed)
    {
        RandomCheckpointOptions preset = parsed.GetValue(Preset) == "tiny" ? RandomCheckpointOptions.Tiny : RandomCheckpointOptions.Medium;
        return preset with
        {
            Family = parsed.GetValue(Family) ?? preset.Family,
            Layers = parsed.GetValue(Layers) ?? preset.Layers,
            HiddenSize = parsed.GetValue(Hidden) ?? preset.HiddenSize,
            Heads = parsed.GetValue(Heads) ?? preset.Heads,
            KvHeads = parsed.GetValue(KvHeads) ?? preset.KvHeads,
            HeadDim = parsed.GetValue(HeadDim) ?? preset.HeadDim,
            IntermediateSize = parsed.GetValue(Intermediate) ?? preset.IntermediateSize,
            VocabularySize = parsed.GetValue(Vocabulary) ?? preset.VocabularySize,
            ContextLength = parsed.GetValue(Context) ?? preset.ContextLength,
            WeightType = TypeNamed(parsed.GetValue(Type)) ?? preset.WeightType,
            TiedEmbedding = parsed.GetValue(Tied),
            Seed = parsed.GetValue(Seed) ?? preset.Seed,
        };
    }

    private static ElementType? TypeNamed(string? name) => name switch
    {
        "bf16" => ElementType.BFloat16,
        "fp16" => ElementType.Float16,
        "fp32" => ElementType.Float,
        _ => null,
    };
}
