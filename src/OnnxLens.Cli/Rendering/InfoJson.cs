using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;

namespace OnnxLens.Cli.Rendering;

/// <summary>What a model is as one JSON object. Sizes are bytes.</summary>
internal static class InfoJson
{
    private const int Schema = 1;

    /// <summary>Writes the object.</summary>
    public static void Write(TextWriter output, ModelInfo info) => JsonLines.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WriteString("kind", info.Kind);
        json.WriteString("folder", info.Folder);
        json.WriteString("hash", info.Hash);
        json.WriteString("tool", info.Tool);
        WriteFacts(json, info.Facts);
        json.WriteString("precision", info.Precision);
        WriteQuantization(json, info.Quantization);
        json.WriteString("weight_type", info.WeightType);
        WriteNames(json, "sites", info.Sites);
        WriteNames(json, "steerable_sites", info.Sites.Where(site => site.IsSteerable()));
        if (info.Onnx is not null)
        {
            OnnxPrinter.Write(json, info.Onnx);
        }

        WriteShards(json, info);
        WriteTokenizer(json, info);
        WriteMemory(json, info.Memory);
        WriteFiles(json, info);
        json.WriteEndObject();
    }, indented: true);

    /// <summary>Writes a model's sizes into an object.</summary>
    internal static void WriteFacts(Utf8JsonWriter json, ModelFacts facts)
    {
        json.WriteString("family", facts.Family);
        json.WriteNumber("layers", facts.Layers);
        json.WriteNumber("hidden_size", facts.HiddenSize);
        if (facts.IntermediateSize is int width)
        {
            json.WriteNumber("intermediate_size", width);
        }
        else
        {
            json.WriteNull("intermediate_size");
        }

        json.WriteNumber("heads", facts.Heads);
        json.WriteNumber("kv_heads", facts.KvHeads);
        json.WriteNumber("head_dim", facts.HeadDim);
        json.WriteNumber("vocabulary_size", facts.VocabularySize);
        json.WriteNumber("context_length", facts.ContextLength);
        json.WriteNumber("max_length", facts.MaxLength);
        json.WriteBoolean("tied_embedding", facts.TiedEmbedding);
        json.WriteStartArray("end_of_sequence_ids");
        foreach (int id in facts.EndOfSequenceIds)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes how weights are quantised into an object.</summary>
    internal static void WriteQuantization(Utf8JsonWriter json, ImmutableArray<Quantization> forms)
    {
        json.WriteStartArray("quantization");
        foreach (Quantization form in forms)
        {
            json.WriteStartObject();
            json.WriteNumber("bits", form.Bits);
            json.WriteNumber("block_size", form.BlockSize);
            json.WriteBoolean("symmetric", form.Symmetric);
            json.WriteNumber("accuracy_level", form.AccuracyLevel);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, IEnumerable<Site> sites)
    {
        json.WriteStartArray(name);
        foreach (Site site in sites)
        {
            json.WriteStringValue(site.Name());
        }

        json.WriteEndArray();
    }

    private static void WriteShards(Utf8JsonWriter json, ModelInfo info)
    {
        json.WriteStartArray("shards");
        foreach (ShardEntry shard in info.Shards)
        {
            json.WriteStartObject();
            json.WriteString("file", shard.File);
            json.WriteNumber("first_layer", shard.FirstLayer);
            json.WriteNumber("layer_count", shard.LayerCount);
            json.WriteString("device", shard.Device);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("head_device", info.HeadDevice);
    }

    private static void WriteTokenizer(Utf8JsonWriter json, ModelInfo info)
    {
        json.WritePropertyName("tokenizer");
        if (info.Tokenizer is (string hash, int size))
        {
            json.WriteStartObject();
            json.WriteString("hash", hash);
            json.WriteNumber("vocabulary_size", size);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteString("tokenizer_error", info.TokenizerError);
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryEstimate memory)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("parameters", memory.Parameters);
        json.WriteNumber("weights", memory.WeightBytes);
        json.WriteNumber("kv_cache_per_token", memory.CacheBytesPerToken);
        json.WriteNumber("kv_cache_at_max_length", memory.CacheBytesAtMaxLength);
        json.WriteNumber("capture_per_hook_point_and_token", memory.CaptureBytesPerToken);
        json.WriteNumber("lm_head_rows", memory.HeadRows);
        json.WriteNumber("lm_head_call", memory.HeadCallBytes);
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, ModelInfo info)
    {
        json.WriteStartArray("files");
        foreach (FileEntry file in info.Files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteString("location", file.Location);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteString("sha256", file.Sha256);
            json.WriteString("part_sha256", file.PartSha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
