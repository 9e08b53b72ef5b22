using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace OnnxLens.Bundles;

/// <summary>A JSON object of a manifest, whose fields are read with checks that name them. Fields that nobody asks for are let be.</summary>
/// <param name="element">The object.</param>
/// <param name="path">Where it stands in the manifest, e.g. <c>shards[0]</c>; empty for the whole.</param>
internal readonly ref struct ManifestFields(JsonElement element, string path)
{
    /// <summary>An object, or a refusal of what is none.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ManifestFields Of(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Object ? new ManifestFields(element, path) : throw Wrong(path.Length == 0 ? "it" : $"'{path}'", element, "an object");

    /// <summary>An object that must be there.</summary>
    public ManifestFields Object(string name) => Of(Required(name, "an object"), At(name));

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Text(Required(name, "a text"), At(name));

    /// <summary>A text, or null where it is absent.</summary>
    public string? OptionalText(string name) => Find(name) is JsonElement value ? Text(value, At(name)) : null;

    /// <summary>A whole number of 64 bits that must be there.</summary>
    public long Long(string name)
    {
        JsonElement value = Required(name, "a whole number");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Wrong($"'{At(name)}'", value, "a whole number");
    }

    /// <summary>A whole number that must be there.</summary>
    public int Int(string name) => Int(Required(name, "a whole number"), At(name));

    /// <summary>A whole number, or null where it is absent.</summary>
    public int? OptionalInt(string name) => Find(name) is JsonElement value ? Int(value, At(name)) : null;

    /// <summary>True or false, which must be there.</summary>
    public bool Flag(string name) => Flag(Required(name, "true or false"), At(name));

    /// <summary>True or false; false where it is absent.</summary>
    public bool OptionalFlag(string name) => Find(name) is JsonElement value && Flag(value, At(name));

    /// <summary>Elements of an array that must be there, with their places.</summary>
    public (JsonElement Element, string Path)[] Array(string name) => Elements(Required(name, "an array"), At(name));

    /// <summary>Texts of an array that must be there.</summary>
    public ImmutableArray<string> Texts(string name)
    {
        (JsonElement Element, string Path)[] elements = Array(name);
        string[] texts = new string[elements.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Text(elements[i].Element, elements[i].Path);
        }

        return ImmutableArray.Create(texts);
    }

    /// <summary>Whole numbers of an array that must be there.</summary>
    public ImmutableArray<int> Ints(string name)
    {
        (JsonElement Element, string Path)[] elements = Array(name);
        int[] numbers = new int[elements.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Int(elements[i].Element, elements[i].Path);
        }

        return ImmutableArray.Create(numbers);
    }

    /// <summary>Texts by name, which must be there.</summary>
    public ImmutableSortedDictionary<string, string> TextsByName(string name)
    {
        JsonElement value = Required(name, "an object");
        ManifestFields fields = Of(value, At(name));
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            texts[property.Name] = Text(property.Value, fields.At(property.Name));
        }

        return texts.ToImmutable();
    }

    /// <summary>A refusal of a field's text.</summary>
    /// <param name="name">The field.</param>
    /// <param name="expected">What would do.</param>
    public JsonException Wrong(string name, string expected) => Wrong($"'{At(name)}'", Required(name, expected), expected);

    private static string Text(JsonElement value, string path) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong($"'{path}'", value, "a text");

    private static int Int(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong($"'{path}'", value, "a whole number of 32 bits");

    private static bool Flag(JsonElement value, string path) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong($"'{path}'", value, "true or false");

    private static (JsonElement Element, string Path)[] Elements(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong($"'{path}'", value, "an array");
        }

        var elements = new (JsonElement, string)[value.GetArrayLength()];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = (value[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"));
        }

        return elements;
    }

    private static JsonException Wrong(string what, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        return new JsonException($"{what} is {(text.Length > 40 ? text[..40] + "…" : text)}, where {expected} was expected.");
    }

    private JsonElement? Find(string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement Required(string name, string expected) => Find(name) ?? throw new JsonException($"'{At(name)}' is missing, where {expected} was expected.");

    private string At(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
