using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnnxLens.Export.Genai;

/// <summary>
/// The fields of <c>genai_config.json</c> that a decoder needs, by the names that onnxruntime-genai reads (src/config.cpp).
/// It refuses a file with a field that it does not know, so no other is written; fields of other writers are passed over on reading.
/// </summary>
/// <remarks>Fields with a default are settable, since the reader overwrites what can only be initialised with zero where the file has no such field.</remarks>
internal sealed record GenaiConfig(GenaiConfig.ModelPart Model, GenaiConfig.SearchPart? Search)
{
    public const string FileName = "genai_config.json";

    /// <summary>The model's type where the decoder is a pipeline; else it is the family's name.</summary>
    public const string PipelineType = "decoder-pipeline";

    /// <summary>Reads a file.</summary>
    /// <exception cref="BundleException">It is missing, or no configuration of a decoder.</exception>
    public static GenaiConfig Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize(PlainFile.ReadAllBytes(path), GenaiConfigJson.Default.GenaiConfig)
                ?? throw new BundleException($"'{path}' holds null where a configuration was expected. Export the folder again.");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"'{path}' cannot be read as the configuration of a decoder: {failure.Message} Export the folder again.", failure);
        }
    }

    /// <summary>Writes the file.</summary>
    public void Write(string folder)
    {
        using FileStream stream = File.Create(Path.Combine(folder, FileName));
        JsonSerializer.Serialize(stream, this, GenaiConfigJson.Default.GenaiConfig);
        stream.WriteByte((byte)'\n');
        stream.Flush(flushToDisk: true);
    }

    internal sealed record ModelPart
    {
        public required string Type { get; init; }
        public required int VocabSize { get; init; }
        public required int ContextLength { get; init; }
        public int? BosTokenId { get; init; }

        [JsonConverter(typeof(OneOrMore))]
        public ImmutableArray<int> EosTokenId { get; init; } = [];

        public int? PadTokenId { get; init; }
        public required DecoderPart Decoder { get; init; }
    }

    internal sealed record DecoderPart
    {
        public JsonElement SessionOptions { get; init; }
        public string? Filename { get; init; }
        public required int HeadSize { get; init; }
        public required int HiddenSize { get; init; }
        public required int NumAttentionHeads { get; init; }
        public required int NumHiddenLayers { get; init; }
        public required int NumKeyValueHeads { get; init; }
        public required InputNames Inputs { get; init; }
        public required OutputNames Outputs { get; init; }

        /// <summary>The stages in the order they run. Each entry is an object of one stage by its name; other writers put all into one object, whose order then counts.</summary>
        public ImmutableArray<OrderedDictionary<string, StagePart>>? Pipeline { get; init; }
    }

    internal sealed record InputNames
    {
        public string InputIds { get; set; } = "input_ids";
        public string AttentionMask { get; set; } = "attention_mask";
        public string? PositionIds { get; init; }
        public string PastKeyNames { get; set; } = "past_key_values.%d.key";
        public string PastValueNames { get; set; } = "past_key_values.%d.value";
    }

    internal sealed record OutputNames
    {
        public string Logits { get; set; } = "logits";
        public string PresentKeyNames { get; set; } = "present.%d.key";
        public string PresentValueNames { get; set; } = "present.%d.value";
    }

    internal sealed record StagePart
    {
        public required string Filename { get; init; }
        public required ImmutableArray<string> Inputs { get; init; }
        public required ImmutableArray<string> Outputs { get; init; }
        public bool RunOnPrompt { get; set; } = true;
        public bool RunOnTokenGen { get; set; } = true;
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsLmHead { get; init; }
    }

    internal sealed record SearchPart
    {
        public float DiversityPenalty { get; init; }
        public bool DoSample { get; init; }
        public bool EarlyStopping { get; set; } = true;
        public float LengthPenalty { get; init; } = 1;
        public required int MaxLength { get; init; }
        public int MinLength { get; init; }
        public int NoRepeatNgramSize { get; init; }
        public int NumBeams { get; init; } = 1;
        public int NumReturnSequences { get; init; } = 1;
        public bool PastPresentShareBuffer { get; init; }
        public float RepetitionPenalty { get; init; } = 1;
        public float Temperature { get; init; } = 1;
        public int TopK { get; init; } = 50;
        public float TopP { get; init; } = 1;
    }

    /// <summary>An id, or a list of them where there are several.</summary>
    internal sealed class OneOrMore : JsonConverter<ImmutableArray<int>>
    {
        public override ImmutableArray<int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray) return [reader.GetInt32()];

            var ids = ImmutableArray.CreateBuilder<int>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) ids.Add(reader.GetInt32());
            return ids.ToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableArray<int> value, JsonSerializerOptions options)
        {
            if (value.Length == 1)
            {
                writer.WriteNumberValue(value[0]);
                return;
            }

            writer.WriteStartArray();
            foreach (int id in value) writer.WriteNumberValue(id);
            writer.WriteEndArray();
        }
    }
}
