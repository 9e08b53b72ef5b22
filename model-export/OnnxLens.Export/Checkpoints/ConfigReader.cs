using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Checkpoints;

/// <summary>
/// Makes an <see cref="Architecture"/> of a config.json, in the field names of transformers 4 or 5, filling gaps with the defaults
/// of transformers' own config classes. <c>dtype</c> is not read here: the weights say their own type, and where there are none, <see cref="ConfigCheckpoint"/> reads it.
/// </summary>
internal static class ConfigReader
{
    private const int MaxLayers = 10_000;
    private const int MaxWidth = 1 << 24;
    private const int MaxHeads = 1 << 16;
    private const int MaxVocabulary = 1 << 28;

    /// <summary>Reads the folder's config.json and, where it is there, generation_config.json.</summary>
    /// <exception cref="CheckpointException">A field is missing, of a wrong type, out of range or contradicts another.</exception>
    /// <exception cref="UnsupportedArchitectureException">The config asks for something that is not built.</exception>
    public static Architecture Read(string folder, int? maxLength)
    {
        JsonFields config = JsonFields.ReadFile(Path.Combine(folder, "config.json"));
        Family family = FamilyOf(config);
        RefuseUnbuilt(config);
        bool attentionBias = family.ReadsAttentionBias && config.Bool("attention_bias", absent: false);
        ModelFacts facts = ReadFacts(config, family, maxLength);
        return new Architecture
        {
            Facts = facts with { EndOfSequenceIds = EndOfSequenceIds(folder, config, facts.VocabularySize) },
            RmsNormEpsilon = (float)config.Number("rms_norm_eps", 1e-30, 1, "a number above 0, at most 1, for example 1e-05"),
            Rope = RopeReader.Read(config),
            QkNorm = family.QkNorm,
            QkvBias = family.AlwaysQkvBias || attentionBias,
            AttentionOutBias = attentionBias,
            MlpBias = family.ReadsMlpBias && config.Bool("mlp_bias", absent: false),
            Windows = WindowReader.Read(config, family.Windows, facts.Layers),
        };
    }

    private static Family FamilyOf(JsonFields config)
    {
        string[]? architectures = config.OptionalStrings("architectures");
        string? modelType = config.OptionalString("model_type");
        string? name = architectures?.FirstOrDefault();
        if (name is null && modelType is null)
        {
            throw config.Missing("architectures", $"a list of one of {Known(family => family.ArchitectureName)}");
        }

        Family? family = name is null
            ? ModelFamilies.All.FirstOrDefault(candidate => candidate.Name == modelType)
            : ModelFamilies.All.FirstOrDefault(candidate => candidate.ArchitectureName == name);
        if (family is null)
        {
            throw new UnsupportedArchitectureException(name is null
                ? $"{config.Where("model_type")} is '{modelType}', which is not built; expected one of {Known(candidate => candidate.Name)}."
                : $"{config.Where("architectures")} is '{name}', which is not built; expected one of {Known(candidate => candidate.ArchitectureName)}.");
        }

        return modelType is null || modelType == family.Name
            ? family
            : throw new CheckpointException(
                $"{config.Where("model_type")} is '{modelType}', but 'architectures' says {family.ArchitectureName}, whose model_type is '{family.Name}'. Give the config.json that belongs to the weights.");
    }

    private static string Known(Func<Family, string> name) => string.Join(", ", ModelFamilies.All.Select(name));

    private static void RefuseUnbuilt(JsonFields config)
    {
        if (config.Has("quantization_config"))
        {
            throw new UnsupportedArchitectureException(
                $"{config.Where("quantization_config")} says that the weights are quantised, which is not read; expected fp32, fp16 or bf16 weights. Give the unquantised checkpoint.");
        }

        string activation = config.OptionalString("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
        {
            throw new UnsupportedArchitectureException($"{config.Where("hidden_act")} is '{activation}', which is not built; expected 'silu'.");
        }
    }

    private static ModelFacts ReadFacts(JsonFields config, Family family, int? maxLength)
    {
        int hidden = config.Int("hidden_size", 1, MaxWidth);
        int heads = config.Int("num_attention_heads", 1, MaxHeads);
        int contextLength = config.Int("max_position_embeddings", 1, int.MaxValue);
        return new ModelFacts
        {
            Family = family.Name,
            Layers = config.Int("num_hidden_layers", 1, MaxLayers),
            HiddenSize = hidden,
            IntermediateSize = config.Int("intermediate_size", 1, MaxWidth),
            Heads = heads,
            KvHeads = KvHeads(config, family, heads),
            HeadDim = HeadDim(config, family, hidden, heads),
            VocabularySize = config.Int("vocab_size", 1, MaxVocabulary),
            ContextLength = contextLength,
            MaxLength = MaxLength(config, contextLength, maxLength),
            TiedEmbedding = config.Bool("tie_word_embeddings", absent: false),
        };
    }

    private static int KvHeads(JsonFields config, Family family, int heads)
    {
        int kvHeads = config.OptionalInt("num_key_value_heads", 1, MaxHeads)
            ?? (family.KvHeadsDefaultToHeads ? heads : config.Int("num_key_value_heads", 1, MaxHeads));
        return heads % kvHeads == 0
            ? kvHeads
            : throw new CheckpointException(
                $"{config.Where("num_key_value_heads")} is {kvHeads}; expected a divisor of num_attention_heads, which is {heads}. Give the config.json that belongs to the weights.");
    }

    private static int HeadDim(JsonFields config, Family family, int hidden, int heads)
    {
        int? given = config.OptionalInt("head_dim", 1, MaxHeads) ?? family.DefaultHeadDim;
        if (given is null && hidden % heads != 0)
        {
            throw new CheckpointException(
                $"{config.Where("hidden_size")} is {hidden}, which num_attention_heads ({heads}) does not divide; expected a multiple, or a 'head_dim'. Give the config.json that belongs to the weights.");
        }

        int headDim = given ?? hidden / heads;
        return headDim % 2 == 0
            ? headDim
            : throw new UnsupportedArchitectureException(
                $"{config.Where("head_dim")} (or hidden_size / num_attention_heads) is {headDim}, which rotary embedding cannot split in pairs; expected an even number.");
    }

    private static int MaxLength(JsonFields config, int contextLength, int? asked)
    {
        int length = asked ?? Math.Min(contextLength, CheckpointReaderOptions.DefaultMaxLength);
        return length >= 1 && length <= contextLength
            ? length
            : throw new CheckpointException(
                $"A maximum length of {length} tokens was asked for, but {config.Where("max_position_embeddings")} is {contextLength}, the longest the model was made for. Ask for 1 to {contextLength}.");
    }

    private static ImmutableArray<int> EndOfSequenceIds(string folder, JsonFields config, int vocabulary)
    {
        string path = Path.Combine(folder, "generation_config.json");
        int[]? ids = File.Exists(path) ? JsonFields.ReadFile(path).OptionalIntOrInts("eos_token_id", 0, vocabulary - 1) : null;
        ids ??= config.OptionalIntOrInts("eos_token_id", 0, vocabulary - 1);
        return ids is null ? [] : [.. ids.Distinct()];
    }
}
