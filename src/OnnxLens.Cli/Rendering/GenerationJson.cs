using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Cli.Models;
using OnnxLens.Generation;
using OnnxLens.Reports;

namespace OnnxLens.Cli.Rendering;

/// <summary>A generation as one JSON object on one line.</summary>
internal static class GenerationJson
{
    private const int Schema = 1;

    /// <summary>Writes the object and a line feed.</summary>
    public static void Write(TextWriter output, Prompt prompt, GenerationResult result, Provenance provenance) => JsonLines.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WriteString("prompt", prompt.Text);
        WriteIds(json, "prompt_ids", result.PromptIds);
        WriteIds(json, "generated_ids", result.GeneratedIds);
        json.WriteString("text", result.Text);
        json.WriteString("stop_reason", StopReasons.Name(result.StopReason));
        json.WriteNumber("prefill_seconds", result.PrefillTime.TotalSeconds);
        json.WriteNumber("decode_seconds", result.DecodeTime.TotalSeconds);
        json.WritePropertyName("provenance");
        ProvenanceJson.Write(json, provenance);
        json.WriteEndObject();
    });

    private static void WriteIds(Utf8JsonWriter json, string name, ImmutableArray<int> ids)
    {
        json.WriteStartArray(name);
        foreach (int id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }
}
