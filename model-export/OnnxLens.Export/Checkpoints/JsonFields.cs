using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace OnnxLens.Export.Checkpoints;

/// <summary>A JSON object of a checkpoint's file, whose fields are read with checks that name file and field. A null field counts as absent.</summary>
internal sealed class JsonFields
{
    private const long MaxFileBytes = 256L << 20;
    private readonly JsonElement _element;
    private readonly string _path;

    private JsonFields(string file, string path, JsonElement element)
    {
        File = file;
        _path = path;
        _element = element;
    }

    /// <summary>The file, as messages name it.</summary>
    public string File { get; }

    /// <summary>Names of the fields that are there, null or not.</summary>
    public IEnumerable<string> Names => _element.EnumerateObject().Select(property => property.Name);

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, or is something else.</exception>
    public static JsonFields ReadFile(string path)
    {
        try
        {
            PlainFile.RequireNoFolder(path);
            long bytes = new FileInfo(path).Length;
            if (bytes > MaxFileBytes)
            {
                throw new CheckpointException($"'{path}' is {bytes} bytes long, more than any JSON file of a checkpoint has. Give a Hugging Face checkpoint folder.");
            }

            PlainFile.RequireBytes(path);
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(path));
            ReadTexts(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields(path, string.Empty, document.RootElement.Clone())
                : throw new CheckpointException($"'{path}' holds a JSON {Kind(document.RootElement)}; expected an object {{…}}. Fetch the file again.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"'{path}' is not valid JSON: {exception.Message} Fetch the file again.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>True where the field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>File and full path of a field, for messages.</summary>
    public string Where(string name) => $"'{File}', field '{_path}{name}'";

    /// <summary>A whole number that must be there.</summary>
    public int Int(string name, int min, int max) =>
        OptionalInt(name, min, max) ?? throw Missing(name, $"a whole number from {Text(min)} to {Text(max)}");

    /// <summary>A whole number, or null where it is absent.</summary>
    public int? OptionalInt(string name, int min, int max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max
            ? number
            : throw Wrong(name, value, $"a whole number from {Text(min)} to {Text(max)}");
    }

    /// <summary>A finite number, or null where it is absent.</summary>
    public double? OptionalNumber(string name, double min, double max, string expected)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min && number <= max
            ? number
            : throw Wrong(name, value, expected);
    }

    /// <summary>A finite number that must be there.</summary>
    public double Number(string name, double min, double max, string expected) =>
        OptionalNumber(name, min, max, expected) ?? throw Missing(name, expected);

    /// <summary>True or false; the given value where it is absent.</summary>
    public bool Bool(string name, bool absent)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return absent;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(name, value, "true or false");
    }

    /// <summary>A text, or null where it is absent.</summary>
    public string? OptionalString(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, value, "a text");
    }

    /// <summary>A list of texts, or null where it is absent.</summary>
    public string[]? OptionalStrings(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Wrong(name, value, "a list of texts");
    }

    /// <summary>One whole number or a list of them, or null where it is absent.</summary>
    public int[]? OptionalIntOrInts(string name, int min, int max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var numbers = new int[items.Length];
        for (int index = 0; index < items.Length; index++)
        {
            numbers[index] = items[index].ValueKind == JsonValueKind.Number && items[index].TryGetInt32(out int number) && number >= min && number <= max
                ? number
                : throw Wrong(name, value, $"a whole number from {Text(min)} to {Text(max)}, or a list of them");
        }

        return numbers;
    }

    /// <summary>An object, or null where it is absent.</summary>
    public JsonFields? OptionalObject(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? new JsonFields(File, $"{_path}{name}.", value)
            : throw Wrong(name, value, "an object {…}");
    }

    /// <summary>A list of objects; none where it is absent.</summary>
    public IEnumerable<JsonFields> OptionalObjects(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. value.EnumerateArray().Select((item, index) => new JsonFields(File, $"{_path}{name}[{Text(index)}].", item))]
            : throw Wrong(name, value, "a list of objects");
    }

    /// <summary>The error of a field that is needed and absent.</summary>
    public CheckpointException Missing(string name, string expected) =>
        new($"{Where(name)} is missing; expected {expected}. Give the config.json that belongs to the weights.");

    // Half a surrogate pair passes the parser and throws when the text is asked for: ask for every text here, once.
    private static void ReadTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CheckpointException Wrong(string name, JsonElement value, string expected)
    {
        const int longest = 60;
        string text = value.GetRawText();
        string shown = text.Length <= longest ? text : text[..longest] + "…";
        return new($"{Where(name)} is {shown}; expected {expected}. Give the config.json that belongs to the weights.");
    }

    private bool TryGet(string name, [MaybeNullWhen(false)] out JsonElement value) =>
        _element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
