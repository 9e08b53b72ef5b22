using System.Text.Json;

namespace OnnxLens.Tokenization;

/// <summary>A value of a JSON file that knows where it stands, so that every complaint names file and field.</summary>
internal readonly struct JsonField
{
    private readonly JsonElement _element;

    private JsonField(JsonElement element, string file, string path)
    {
        _element = element;
        File = file;
        Path = path;
    }

    /// <summary>The file's name.</summary>
    public string File { get; }

    /// <summary>The field's path inside the file; empty for the root.</summary>
    public string Path { get; }

    /// <summary>File and field, for messages.</summary>
    public string Where => Path.Length == 0 ? File : $"{File}: {Path}";

    /// <summary>The field is absent or null.</summary>
    public bool IsNull => _element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The field is an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>The field is an array.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>The field is a string.</summary>
    public bool IsText => _element.ValueKind == JsonValueKind.String;

    /// <summary>The field is a number equal to zero.</summary>
    public bool IsZero => _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out double value) && value == 0;

    /// <summary>A field of this object; one that is null where it is absent.</summary>
    public JsonField this[string name]
    {
        get
        {
            string path = Path.Length == 0 ? name : $"{Path}.{name}";
            if (!IsObject)
                throw Unexpected("an object");
            return new JsonField(_element.TryGetProperty(name, out JsonElement child) ? child : default, File, path);
        }
    }

    /// <summary>Parses a file and reads it.</summary>
    /// <exception cref="TokenizerException">The bytes are no JSON object.</exception>
    public static T Read<T>(string file, ReadOnlyMemory<byte> bytes, Func<JsonField, T> read)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            var root = new JsonField(document.RootElement, file, "");
            return root.IsObject ? read(root) : throw root.Unexpected("an object");
        }
        catch (JsonException e)
        {
            throw new TokenizerException($"{file}: not valid JSON: {e.Message} Fetch the file again.", e);
        }
    }

    /// <summary>The string.</summary>
    public string Text()
    {
        if (!IsText)
            throw Unexpected("a string");
        try
        {
            return _element.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException($"{Where} is not well-formed Unicode; expected a string without lone surrogates. Fetch the file again.", e);
        }
    }

    /// <summary>The string, or null where the field is absent or null.</summary>
    public string? TextOrNull() => IsNull ? null : Text();

    /// <summary>The whole number.</summary>
    public long Integer() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out long value) ? value : throw Unexpected("a whole number");

    /// <summary>The truth value, or the default where the field is absent or null.</summary>
    public bool Flag(bool otherwise) => FlagOrNull() ?? otherwise;

    /// <summary>The truth value, or null where the field is absent or null.</summary>
    public bool? FlagOrNull() => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => throw Unexpected("true or false"),
    };

    /// <summary>The items of the array; none where the field is absent or null.</summary>
    public IEnumerable<JsonField> Items()
    {
        if (IsNull)
            yield break;
        if (!IsArray)
            throw Unexpected("an array");
        int index = 0;
        foreach (JsonElement item in _element.EnumerateArray())
            yield return new JsonField(item, File, $"{Path}[{index++}]");
    }

    /// <summary>The fields of the object, repeated names included; none where it is absent or null.</summary>
    public IEnumerable<(string Name, JsonField Value)> Fields()
    {
        if (IsNull)
            yield break;
        if (!IsObject)
            throw Unexpected("an object");
        foreach (JsonProperty property in _element.EnumerateObject())
            yield return (NameOf(property), new JsonField(property.Value, File, Path));
    }

    /// <summary>An error at this field.</summary>
    /// <param name="expected">What should have stood here.</param>
    /// <param name="fix">What to do.</param>
    public TokenizerException Unexpected(string expected, string fix = "Fetch the file again.") =>
        new($"{Where} is {Shown()}; expected {expected}. {fix}");

    private string Shown() => _element.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Object => IsObject && _element.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? $"of the type {type.GetRawText()}"
            : "an object",
        JsonValueKind.Array => "an array",
        _ => _element.GetRawText() is { Length: <= 200 } raw ? raw : "a long text",
    };

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException($"{Where} has a name that is not well-formed Unicode; expected one without lone surrogates. Fetch the file again.", e);
        }
    }
}
