using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Rendering;

/// <summary>What a file of vectors holds, as one JSON object.</summary>
internal static class VectorJson
{
    private const int Schema = 1;

    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes the object.</summary>
    public static void Write(TextWriter output, VectorFileContent content) => JsonLines.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WriteString("file", content.Path);
        json.WriteString("format", content.Format);
        json.WriteNumber("hidden_size", content.HiddenSize);
        json.WriteStartArray("vectors");
        foreach (SteeringVector vector in content.Vectors)
        {
            WriteVector(json, vector);
        }

        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in content.Notes)
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }, indented: true);

    private static void WriteVector(Utf8JsonWriter json, SteeringVector vector)
    {
        json.WriteStartObject();
        json.WriteString("site", vector.Site.Name());
        json.WriteString("hash", vector.Hash);
        json.WriteStartArray("layers");
        foreach (int layer in vector.Layers.Keys)
        {
            json.WriteNumberValue(layer);
        }

        json.WriteEndArray();
        json.WriteStartObject("norms");
        foreach ((int layer, double norm) in VectorMath.Norms(vector))
        {
            json.WriteNumber(layer.ToString(CultureInfo.InvariantCulture), norm);
        }

        json.WriteEndObject();
        json.WritePropertyName("origin");
        JsonSerializer.Serialize(json, vector.Origin, Form);
        json.WriteEndObject();
    }
}
