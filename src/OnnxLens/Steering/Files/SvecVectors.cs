using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>Files of IBM's activation-steering (.svec): a JSON object with <c>model_type</c> and <c>directions</c>, layer → list of numbers.</summary>
/// <remarks>
/// That library reads a direction from what block n puts out (hidden_states[n + 1] of the transformers library), and itself
/// adds it to what block n takes in (LeashLayer, which acts before the block it wraps), one block earlier.
/// </remarks>
internal static class SvecVectors
{
    private const string Form = "svec";
    private const string Directions = "directions";
    private const string Model = "model_type";
    private const long MaxBytes = 1 << 28;
    private const string Convention = "directions.n was read from the output of block n, counted from 0: resid_post.n; IBM's library itself adds it to the input of block n, one block earlier";

    /// <summary>Reads a file.</summary>
    internal static VectorFileContent Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw DirectionSet.Broken(path, $"it is a JSON text of more than {MaxBytes} bytes", "Save the vectors as safetensors.");
        }

        ReadOnlyMemory<byte> text = PlainFile.ReadAllBytes(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(document.RootElement, path);
        }
        catch (JsonException malformed)
        {
            throw DirectionSet.Broken(path, $"not sound JSON ({malformed.Message.TrimEnd('.')})", "Expected a .svec file, whose numbers are all finite.", malformed);
        }
        catch (InvalidOperationException malformed)
        {
            throw DirectionSet.Broken(path, "a name or a text in it holds half a surrogate pair", "Expected valid Unicode.", malformed);
        }
    }

    private static VectorFileContent Read(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Directions, out JsonElement layers) || layers.ValueKind != JsonValueKind.Object)
        {
            throw DirectionSet.Broken(path, $"the JSON text has no object '{Directions}'", $"Expected a .svec file: an object with '{Model}', and '{Directions}' with a list of numbers for each layer.");
        }

        var directions = new DirectionSet(path);
        foreach (JsonProperty layer in layers.EnumerateObject())
        {
            string name = $"{Directions}.{layer.Name}";
            if (!VectorNames.TryLayer(layer.Name, out int number))
            {
                throw DirectionSet.Broken(path, $"{DirectionSet.Quoted(name)} names no layer", "Expected a whole number from 0.");
            }

            var point = new HookPoint(Site.ResidPost, number);
            directions.Claim(point, name);
            directions.Add(point, Values(layer.Value, name, path));
        }

        string? model = root.TryGetProperty(Model, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        var origin = new VectorOrigin { Tool = "activation-steering", Model = model, LayerConvention = Convention };
        return new VectorFileContent(path, Form, directions.Build(_ => origin), [$"Layers: {Convention}."]);
    }

    private static float[] Values(JsonElement list, string name, string path)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw DirectionSet.Broken(path, $"{DirectionSet.Quoted(name)} is a JSON {Kind(list)}", "Expected a list of numbers.");
        }

        float[] values = new float[list.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            values[index] = item.ValueKind == JsonValueKind.Number
                ? (float)item.GetDouble()
                : throw DirectionSet.Broken(path, $"{DirectionSet.Quoted($"{name}[{index}]")} is a JSON {Kind(item)}", "Expected a number.");
            index++;
        }

        return values;
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
