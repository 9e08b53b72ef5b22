using System.Text.Json.Serialization;

namespace OnnxLens.Eval.Datasets;

/// <summary>The one form in which <see cref="SplitFile"/> is written and read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SplitFile))]
internal sealed partial class SplitJson : JsonSerializerContext;
