using System.Text.Json.Serialization;

namespace OnnxLens.Export.Genai;

/// <summary>The one form in which <see cref="GenaiConfig"/> is written and read: JSON, snake_case, UTF-8.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GenaiConfig))]
internal sealed partial class GenaiConfigJson : JsonSerializerContext;
