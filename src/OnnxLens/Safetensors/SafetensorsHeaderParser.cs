using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>Turns the JSON of a header into entries, trusting none of it.</summary>
internal ref struct SafetensorsHeaderParser
{
    /// <summary>The name that holds free text instead of a tensor.</summary>
    internal const string MetadataKey = "__metadata__";

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataBytes;
    private readonly ReadOnlySpan<byte> _header;
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;

    internal SafetensorsHeaderParser(string path, byte[] prefixAndHeader, long fileBytes)
    {
        _path = path;
        _dataStart = prefixAndHeader.Length;
        _dataBytes = fileBytes - _dataStart;
        _header = prefixAndHeader.AsSpan(SafetensorsHeader.PrefixBytes);
        _json = new Utf8JsonReader(_header);
    }

    /// <summary>The tensors, in the order of their bytes. Valid after <see cref="Parse"/>.</summary>
    internal ImmutableArray<SafetensorsEntry> Entries { get; private set; } = [];

    /// <summary>The free text. Valid after <see cref="Parse"/>.</summary>
    internal FrozenDictionary<string, string> Metadata { get; private set; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The error for a file that breaks the format.</summary>
    internal static CheckpointException Broken(string path, string what, string expected, Exception? cause = null) =>
        new($"'{path}' is not a sound safetensors file: {what}; expected {expected}. Download or write the file again.", cause!);

    /// <summary>Reads the whole header.</summary>
    /// <exception cref="CheckpointException">It breaks the format.</exception>
    internal void Parse()
    {
        if (!Utf8.IsValid(_header))
            throw Broken(_path, "the header is not UTF-8", "UTF-8 JSON");
        try
        {
            ParseObject();
        }
        catch (JsonException malformed)
        {
            throw Broken(_path, $"the header is not JSON ({malformed.Message})", "one JSON object", malformed);
        }
    }

    private void ParseObject()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Broken(_path, $"the header is a JSON {Kind()}", "a JSON object");
        var names = new HashSet<string>(StringComparer.Ordinal);
        ImmutableArray<SafetensorsEntry>.Builder entries = ImmutableArray.CreateBuilder<SafetensorsEntry>();
        while (NextProperty(out string name))
        {
            if (!names.Add(name))
                throw Broken(_path, $"{Quoted(name)} appears twice in the header", "each name once");
            if (name == MetadataKey)
                Metadata = ParseMetadata();
            else
                entries.Add(ParseTensor(name));
        }
        _json.Read(); // Anything but white space after the object is a JsonException.
        entries.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Bytes.CompareTo(b.Bytes));
        Entries = entries.ToImmutable();
        CheckCover();
    }

    private FrozenDictionary<string, string> ParseMetadata()
    {
        // The reference reader takes null as absent, and there are files that have it.
        if (_json.TokenType == JsonTokenType.Null)
            return FrozenDictionary<string, string>.Empty;
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Broken(_path, $"{MetadataKey} is a JSON {Kind()}", "an object of text values");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextProperty(out string key))
        {
            if (_json.TokenType != JsonTokenType.String)
                throw Broken(_path, $"{MetadataKey} {Quoted(key)} is a JSON {Kind()}", "text");
            if (!metadata.TryAdd(key, Text()))
                throw Broken(_path, $"{MetadataKey} has {Quoted(key)} twice", "each key once");
        }
        return metadata.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private SafetensorsEntry ParseTensor(string name)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
            throw BrokenTensor(name, $"its description is a JSON {Kind()}", "an object with dtype, shape and data_offsets");
        ElementType type = ElementType.Undefined;
        ImmutableArray<long> shape = default;
        ImmutableArray<long> offsets = default;
        _fields.Clear();
        while (NextProperty(out string field))
        {
            if (!_fields.Add(field))
                throw BrokenTensor(name, $"{Quoted(field)} appears twice", "each field once");
            switch (field)
            {
                case "dtype": type = ParseType(name); break;
                case "shape": shape = ParseIntegers(name, field); break;
                case "data_offsets": offsets = ParseIntegers(name, field); break;
                default: _json.Skip(); break; // As the reference implementation does.
            }
        }
        if (type == ElementType.Undefined || shape.IsDefault || offsets.IsDefault)
            throw BrokenTensor(name, $"{(type == ElementType.Undefined ? "dtype" : shape.IsDefault ? "shape" : "data_offsets")} is missing", "dtype, shape and data_offsets");
        return Place(name, type, shape, offsets);
    }

    private readonly SafetensorsEntry Place(string name, ElementType type, ImmutableArray<long> shape, ImmutableArray<long> offsets)
    {
        long bytes = SafetensorsTypes.Bytes(type, shape.AsSpan())
            ?? throw BrokenTensor(name, $"shape [{string.Join(", ", shape.Take(8))}] is negative or overflows", "sizes of 0 or more whose bytes fit in 64 bits");
        if (offsets.Length != 2)
            throw BrokenTensor(name, $"data_offsets has {offsets.Length} numbers", "two, begin and end");
        (long begin, long end) = (offsets[0], offsets[1]);
        if (begin < 0 || end < begin || end > _dataBytes)
            throw BrokenTensor(name, $"data_offsets is [{begin}, {end}]", $"0 ≤ begin ≤ end ≤ {_dataBytes}, the bytes of data in the file");
        if (end - begin != bytes)
            throw BrokenTensor(name, $"data_offsets [{begin}, {end}] hold {end - begin} bytes", $"{bytes}, which is what {SafetensorsTypes.NameOf(type)} of shape [{string.Join(", ", shape.Take(8))}] takes");
        return new SafetensorsEntry(name, type, shape, _dataStart + begin, bytes);
    }

    private readonly void CheckCover()
    {
        long covered = _dataStart;
        foreach (SafetensorsEntry entry in Entries)
        {
            if (entry.Offset != covered)
                throw BrokenTensor(entry.Name, $"its data begins at byte {entry.Offset - _dataStart} of the data and {(entry.Offset < covered ? "overlaps the tensor before it" : "leaves a hole before it")}", $"a begin at {covered - _dataStart}");
            covered = entry.Offset + entry.Bytes;
        }
        if (covered != _dataStart + _dataBytes)
            throw Broken(_path, $"{_dataStart + _dataBytes - covered} bytes after the last tensor belong to none", "data wholly covered by tensors");
    }

    private ElementType ParseType(string name)
    {
        if (_json.TokenType != JsonTokenType.String)
            throw BrokenTensor(name, $"dtype is a JSON {Kind()}", "text");
        string type = Text();
        ElementType known = SafetensorsTypes.Parse(type);
        return known != ElementType.Undefined
            ? known
            : throw new CheckpointException($"'{_path}': tensor {Quoted(name)} has dtype {Quoted(type)}, which is not read; expected one of {SafetensorsTypes.Names}. Convert the checkpoint to one of them.");
    }

    private ImmutableArray<long> ParseIntegers(string name, string field)
    {
        if (_json.TokenType != JsonTokenType.StartArray)
            throw BrokenTensor(name, $"{field} is a JSON {Kind()}", "an array of integers");
        ImmutableArray<long>.Builder values = ImmutableArray.CreateBuilder<long>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long value))
                throw BrokenTensor(name, $"{field}[{values.Count}] is not an integer of 64 bits", "an array of integers");
            values.Add(value);
        }
        return values.ToImmutable();
    }

    private bool NextProperty(out string name)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            name = "";
            return false;
        }
        name = Text();
        _json.Read();
        return true;
    }

    private readonly string Text()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException malformed)
        {
            throw Broken(_path, $"the text that ends at byte {_json.BytesConsumed} of the header holds half a surrogate pair", "valid Unicode", malformed);
        }
    }

    private readonly string Kind() => _json.TokenType switch
    {
        JsonTokenType.StartArray => "array",
        JsonTokenType.StartObject => "object",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };

    private readonly CheckpointException BrokenTensor(string name, string what, string expected) =>
        Broken(_path, $"tensor {Quoted(name)}: {what}", expected);

    /// <summary>A name in quotes, cut where it would drown the message.</summary>
    private static string Quoted(string name) => name.Length <= 200 ? $"'{name}'" : $"'{name[..200]}…'";
}
