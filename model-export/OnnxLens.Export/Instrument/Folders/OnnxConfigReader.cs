using System.Collections.Immutable;
using OnnxLens.Export.Checkpoints;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Reads <c>genai_config.json</c> or <c>config.json</c> beside an ONNX graph.</summary>
internal static class OnnxConfigReader
{
    private const string Genai = "genai_config.json";
    private const string HuggingFace = "config.json";
    private const int MostLayers = 4096;
    private const int MostWidth = 1 << 24;

    /// <summary>True where a folder has a configuration.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, Genai)) || File.Exists(Path.Combine(folder, HuggingFace));

    /// <summary>Reads what there is.</summary>
    /// <exception cref="CheckpointException">A file is there and cannot be read.</exception>
    public static OnnxConfig Read(string folder)
    {
        string genai = Path.Combine(folder, Genai);
        string huggingFace = Path.Combine(folder, HuggingFace);
        OnnxConfig config = File.Exists(huggingFace) ? OfHuggingFace(huggingFace, folder) : new OnnxConfig();
        return File.Exists(genai) ? OfGenai(genai, config) : config;
    }

    private static OnnxConfig OfGenai(string path, OnnxConfig other)
    {
        JsonFields model = JsonFields.ReadFile(path).OptionalObject("model") ?? throw new CheckpointException($"'{path}' has no object 'model'. Expected the configuration that the exporter wrote.");
        JsonFields? decoder = model.OptionalObject("decoder");
        return other with
        {
            File = Genai,
            Family = other.Family ?? FamilyOf(model.OptionalString("type")),
            Layers = decoder?.OptionalInt("num_hidden_layers", 1, MostLayers) ?? other.Layers,
            HiddenSize = decoder?.OptionalInt("hidden_size", 1, MostWidth) ?? other.HiddenSize,
            Heads = decoder?.OptionalInt("num_attention_heads", 1, MostWidth) ?? other.Heads,
            KvHeads = decoder?.OptionalInt("num_key_value_heads", 1, MostWidth) ?? other.KvHeads,
            HeadDim = decoder?.OptionalInt("head_size", 1, MostWidth) ?? other.HeadDim,
            VocabularySize = model.OptionalInt("vocab_size", 1, MostWidth) ?? other.VocabularySize,
            ContextLength = model.OptionalInt("context_length", 1, int.MaxValue) ?? other.ContextLength,
            EndOfSequenceIds = model.OptionalIntOrInts("eos_token_id", 0, MostWidth) is int[] ids ? [.. ids.Distinct()] : other.EndOfSequenceIds,
            GraphFiles = decoder is null ? [] : GraphFiles(decoder),
        };
    }

    private static OnnxConfig OfHuggingFace(string path, string folder)
    {
        JsonFields root = JsonFields.ReadFile(path);
        JsonFields config = root.OptionalObject("text_config") ?? root;
        int? hidden = config.OptionalInt("hidden_size", 1, MostWidth) ?? config.OptionalInt("n_embd", 1, MostWidth);
        int? heads = config.OptionalInt("num_attention_heads", 1, MostWidth) ?? config.OptionalInt("n_head", 1, MostWidth);
        string generation = Path.Combine(folder, "generation_config.json");
        int[]? ids = File.Exists(generation) ? JsonFields.ReadFile(generation).OptionalIntOrInts("eos_token_id", 0, MostWidth) : null;
        ids ??= config.OptionalIntOrInts("eos_token_id", 0, MostWidth);
        return new OnnxConfig
        {
            File = HuggingFace,
            Family = FamilyOf(config.OptionalString("model_type")),
            Layers = config.OptionalInt("num_hidden_layers", 1, MostLayers) ?? config.OptionalInt("n_layer", 1, MostLayers),
            HiddenSize = hidden,
            Heads = heads,
            KvHeads = config.OptionalInt("num_key_value_heads", 1, MostWidth),
            HeadDim = config.OptionalInt("head_dim", 1, MostWidth),
            VocabularySize = config.OptionalInt("vocab_size", 1, MostWidth),
            IntermediateSize = config.OptionalInt("intermediate_size", 1, MostWidth),
            ContextLength = config.OptionalInt("max_position_embeddings", 1, int.MaxValue) ?? config.OptionalInt("n_positions", 1, int.MaxValue),
            EndOfSequenceIds = ids is null ? [] : [.. ids.Distinct()],
        };
    }

    /// <summary>A pipeline is how a model is run, not what it is.</summary>
    private static string? FamilyOf(string? type) => type is null or "" or "decoder-pipeline" ? null : type;

    /// <summary>The graph, or the stages of a pipeline in the order in which they run.</summary>
    private static ImmutableArray<string> GraphFiles(JsonFields decoder)
    {
        JsonFields[] stages = [.. decoder.OptionalObjects("pipeline").SelectMany(entry => entry.Names.Select(name => entry.OptionalObject(name)).OfType<JsonFields>())];
        foreach (JsonFields stage in stages.Where(stage => !stage.Bool("run_on_prompt", absent: true) || !stage.Bool("run_on_token_gen", absent: true)))
        {
            throw new CheckpointException($"{stage.Where("filename")} is a stage for prompts alone, or for single tokens alone. Stages that run for both were expected; export the model without dividing the two.");
        }

        string[] files = [.. stages.Select(stage => stage.OptionalString("filename")).OfType<string>().Distinct()];
        return files.Length > 0 ? [.. files] : decoder.OptionalString("filename") is string file ? [file] : [];
    }
}
