using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnnxLens.Bundles;

/// <summary>The one form in which <see cref="BundleManifest"/> is written: JSON, snake_case, UTF-8. <see cref="ManifestReader"/> reads it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BundleManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
