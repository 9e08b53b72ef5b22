using System.Text.Json;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.RandomCheckpoints;

/// <summary>Writes the config files of a made-up checkpoint, in the field names of transformers 5.</summary>
internal static class RandomConfig
{
    /// <summary>The form of every JSON file here.</summary>
    public static JsonWriterOptions Indented { get; } = new() { Indented = true, NewLine = "\n" };

    /// <summary>Writes config.json.</summary>
    public static void WriteConfig(Stream stream, RandomCheckpointOptions options)
    {
        Family family = ModelFamilies.Named(options.Family);
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue(family.ArchitectureName);
        json.WriteEndArray();
        json.WriteString("model_type", family.Name);
        json.WriteString("dtype", TypeName(options.WeightType));
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("hidden_size", options.HiddenSize);
        json.WriteNumber("intermediate_size", options.IntermediateSize);
        json.WriteNumber("num_hidden_layers", options.Layers);
        json.WriteNumber("num_attention_heads", options.Heads);
        json.WriteNumber("num_key_value_heads", options.KvHeads);
        json.WriteNumber("head_dim", options.EffectiveHeadDim);
        json.WriteNumber("vocab_size", options.VocabularySize);
        json.WriteNumber("max_position_embeddings", options.ContextLength);
        json.WriteNumber("rms_norm_eps", options.RmsNormEpsilon);
        json.WriteBoolean("tie_word_embeddings", options.TiedEmbedding);
        WriteBiases(json, family, options);
        WriteWindows(json, family, options);
        WriteRope(json, options.Rope);
        WriteEndOfSequence(json, options);
        json.WriteEndObject();
    }

    /// <summary>Writes generation_config.json.</summary>
    public static void WriteGenerationConfig(Stream stream, RandomCheckpointOptions options)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        WriteEndOfSequence(json, options);
        json.WriteEndObject();
    }

    private static void WriteBiases(Utf8JsonWriter json, Family family, RandomCheckpointOptions options)
    {
        if (family.ReadsAttentionBias)
        {
            json.WriteBoolean("attention_bias", options.AttentionBias);
        }

        if (family.ReadsMlpBias)
        {
            json.WriteBoolean("mlp_bias", options.MlpBias);
        }
    }

    private static void WriteWindows(Utf8JsonWriter json, Family family, RandomCheckpointOptions options)
    {
        if (family.Windows == WindowRule.Never)
        {
            return;
        }

        json.WritePropertyName("sliding_window");
        json.WriteRawValue(options.Window?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null");
        if (family.Windows == WindowRule.ByLayer)
        {
            json.WriteBoolean("use_sliding_window", options.Window is not null);
            json.WriteNumber("max_window_layers", options.FirstWindowedLayer);
            json.WriteStartArray("layer_types");
            for (int layer = 0; layer < options.Layers; layer++)
            {
                json.WriteStringValue(options.Window is not null && layer >= options.FirstWindowedLayer ? "sliding_attention" : "full_attention");
            }

            json.WriteEndArray();
        }
    }

    private static void WriteRope(Utf8JsonWriter json, RopeSpec rope)
    {
        json.WriteStartObject("rope_parameters");
        json.WriteNumber("rope_theta", rope.Theta);
        switch (rope.Scaling)
        {
            case RopeScaling.Linear linear:
                json.WriteString("rope_type", "linear");
                json.WriteNumber("factor", linear.Factor);
                break;
            case RopeScaling.Llama3 llama3:
                json.WriteString("rope_type", "llama3");
                json.WriteNumber("factor", llama3.Factor);
                json.WriteNumber("low_freq_factor", llama3.LowFrequencyFactor);
                json.WriteNumber("high_freq_factor", llama3.HighFrequencyFactor);
                json.WriteNumber("original_max_position_embeddings", llama3.OriginalLength);
                break;
            default:
                json.WriteString("rope_type", "default");
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteEndOfSequence(Utf8JsonWriter json, RandomCheckpointOptions options)
    {
        json.WriteStartArray("eos_token_id");
        foreach (int id in options.EndOfSequenceIds)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    private static string TypeName(ElementType type) => type switch
    {
        ElementType.Float16 => "float16",
        ElementType.BFloat16 => "bfloat16",
        _ => "float32",
    };
}
