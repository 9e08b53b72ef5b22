using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>The one JSON text that goes into a file beside the numbers: by site, the members of <see cref="VectorOrigin"/> in snake_case and the norm of each layer.</summary>
internal static class VectorMetadata
{
    /// <summary>The key under which files keep it.</summary>
    internal const string Key = "onnxlens.vector";

    private const string Norms = "norms";

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text for some vectors.</summary>
    internal static string Write(IEnumerable<SteeringVector> vectors)
    {
        var sites = new JsonObject();
        foreach (SteeringVector vector in vectors)
        {
            JsonObject site = JsonSerializer.SerializeToNode(vector.Origin ?? new VectorOrigin(), Form)!.AsObject();
            site[Norms] = new JsonObject(VectorMath.Norms(vector).Select(norm =>
                KeyValuePair.Create(norm.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)JsonValue.Create(norm.Value))));
            sites[vector.Site.Name()] = site;
        }

        return sites.ToJsonString(Form);
    }

    /// <summary>The origins in a text, by site. Norms are not read: the numbers themselves say them.</summary>
    /// <exception cref="VectorException">The text is not of this form.</exception>
    internal static Func<Site, VectorOrigin?> Read(string? text, string path)
    {
        if (text is null)
        {
            return _ => null;
        }

        try
        {
            Dictionary<string, VectorOrigin?> origins = JsonSerializer.Deserialize<Dictionary<string, VectorOrigin?>>(text, Form) ?? [];
            return site => origins.GetValueOrDefault(site.Name());
        }
        catch (JsonException malformed)
        {
            throw DirectionSet.Broken(path, $"its metadata '{Key}' is no JSON object of origins by site ({malformed.Message.TrimEnd('.')})", "Leave it out, or write the file again.", malformed);
        }
    }
}
