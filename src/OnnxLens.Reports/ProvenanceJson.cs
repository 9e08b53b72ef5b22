using System.Text.Json;

namespace OnnxLens.Reports;

/// <summary>The one JSON form of a <see cref="Provenance"/>, in every kind of file: its members in snake_case, null where unknown.</summary>
public static class ProvenanceJson
{
    /// <summary>The object on one line, as it goes into the metadata of other formats.</summary>
    public static string Serialize(Provenance provenance) => JsonSerializer.Serialize(provenance, JsonFiles.Members);

    /// <summary>Writes the object as the next value.</summary>
    public static void Write(Utf8JsonWriter json, Provenance provenance) => JsonSerializer.Serialize(json, provenance, JsonFiles.Members);
}
