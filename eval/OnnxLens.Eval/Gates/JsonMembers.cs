using System.Globalization;
using System.Text;
using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Eval.Gates;

/// <summary>A JSON object of a gate's files. Whatever is not as expected is refused with the file and the place in it.</summary>
internal sealed class JsonMembers
{
    private readonly JsonElement _object;
    private readonly string _where;
    private readonly string _fix;

    private JsonMembers(JsonElement element, string where, string fix)
    {
        (_object, _where, _fix) = (element, where, fix);
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Bad($"is {Described(element)} where an object was expected");
        }
    }

    /// <summary>Reads a file whose whole content is one object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fix">What to do where it is not as expected.</param>
    /// <param name="read">Takes what is needed.</param>
    /// <exception cref="EvalException">The file cannot be read, or is not as expected.</exception>
    public static T ReadFile<T>(string path, string fix, Func<JsonMembers, T> read)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = PlainFile.ReadAllBytes(path);
            ReadOnlyMemory<byte> content = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
            using JsonDocument document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return read(new JsonMembers(document.RootElement, $"'{path}'", fix));
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second is what half a character escaped in a text gives.
            throw new EvalException($"'{path}' is no JSON: {failure.Message} {fix}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvalException($"'{path}' cannot be read: {failure.Message} {fix}", failure);
        }
    }

    /// <summary>The members <c>dataset</c>, <c>vector</c>, <c>site</c> and <c>layer</c>.</summary>
    public GateKey Key()
    {
        string name = Text("site");
        return Sites.TryParse(name, out Site site)
            ? new GateKey(Text("dataset"), Text("vector"), new HookPoint(site, Whole("layer", least: 0)))
            : throw Bad($"has the site '{name}'; sites are {string.Join(", ", Sites.All.Select(known => known.Name()))}");
    }

    /// <summary>A text that is not empty.</summary>
    public string Text(string name) => OptionalText(name) is { Length: > 0 } text ? text : throw Expected(name, "a text that is not empty");

    /// <summary>A text, or null where it is null or not there.</summary>
    public string? OptionalText(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Expected(name, "a text");

    /// <summary>A finite number.</summary>
    public double Number(string name) => OptionalNumber(name) ?? throw Expected(name, "a number");

    /// <summary>A finite number, or null where it is null or not there.</summary>
    public double? OptionalNumber(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
        : throw Expected(name, "a finite number");

    /// <summary>A number from 0 to 1.</summary>
    public double Fraction(string name) => OptionalFraction(name) ?? throw Expected(name, "a number from 0 to 1");

    /// <summary>A number from 0 to 1, or null where it is null or not there.</summary>
    public double? OptionalFraction(string name) => OptionalNumber(name) is not double value ? null : value is >= 0 and <= 1 ? value : throw Expected(name, "a number from 0 to 1");

    /// <summary>A number that is not negative, or null where it is null or not there.</summary>
    public double? OptionalWidth(string name) => OptionalNumber(name) is not double value ? null : value >= 0 ? value : throw Expected(name, "a number that is not negative");

    /// <summary>A number above 0, or null where it is null or not there.</summary>
    public double? OptionalPositive(string name) => OptionalNumber(name) is not double value ? null : value > 0 ? value : throw Expected(name, "a number above 0");

    /// <summary>A whole number.</summary>
    public int Whole(string name, int least) =>
        Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) && number >= least
            ? number
            : throw Expected(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}"));

    /// <summary>True or false, or null where it is null or not there.</summary>
    public bool? OptionalFlag(string name) => Find(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Expected(name, "true or false"),
    };

    /// <summary>An array of two finite numbers, the first not above the second, or null where it is null or not there.</summary>
    public Statistics.Interval? OptionalInterval(string name)
    {
        if (Find(name) is not JsonElement value)
        {
            return null;
        }

        double[] ends = value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(end => end.ValueKind == JsonValueKind.Number && end.TryGetDouble(out double number) ? number : double.NaN)]
            : [];
        return ends.Length == 2 && ends.All(double.IsFinite) && ends[0] <= ends[1]
            ? new Statistics.Interval(ends[0], ends[1])
            : throw Expected(name, "two numbers, the lower first");
    }

    /// <summary>An array of finite numbers as text with commas, or null where it is null or not there.</summary>
    public string? OptionalNumbers(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out double real) && double.IsFinite(real))
            ? string.Join(',', value.EnumerateArray().Select(number => number.GetDouble().ToString(CultureInfo.InvariantCulture)))
            : throw Expected(name, "an array of finite numbers");

    /// <summary>An array of objects.</summary>
    public IEnumerable<JsonMembers> Objects(string name) => Find(name) is { ValueKind: JsonValueKind.Array } array
        ? array.EnumerateArray().Select((element, i) => new JsonMembers(element, $"{_where}, {name}[{i}]", _fix))
        : throw Expected(name, "an array");

    /// <summary>An object, or null where it is null or not there.</summary>
    public JsonMembers? OptionalObject(string name) => Find(name) is JsonElement value ? new JsonMembers(value, $"{_where}, {name}", _fix) : null;

    /// <summary>Refuses members that nobody reads, such as a name with a slip in it.</summary>
    public void RefuseOthersThan(params string[] known)
    {
        string? other = _object.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !known.Contains(name));
        if (other is not null)
        {
            throw Bad($"has the member '{other}', which means nothing here; there may be {string.Join(", ", known)}");
        }
    }

    /// <summary>Refuses a key that is there twice.</summary>
    public void RefuseTwice(IEnumerable<GateKey> keys)
    {
        GateKey? twice = keys.GroupBy(key => key).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw Bad($"has {twice} twice");
        }
    }

    /// <summary>A member that is not as expected.</summary>
    public EvalException Expected(string name, string what) => Bad(
        _object.TryGetProperty(name, out JsonElement value) ? $"has {Described(value)} as '{name}' where {what} was expected" : $"has no '{name}'; {what} was expected");

    private JsonElement? Find(string name) => _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private EvalException Bad(string what) => new($"{_where} {what}. {_fix}");

    private static string Described(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        _ => value.GetRawText(),
    };
}
