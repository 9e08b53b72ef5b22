using System.Text.Json;

namespace OnnxLens.Eval.Datasets;

/// <summary>A row of a file before it is checked.</summary>
/// <param name="Line">The line it begins in, from 1.</param>
/// <param name="Fields">Its values by name; empty where there is a problem.</param>
/// <param name="Problem">Why it is no row, as a clause; null where it is one.</param>
internal sealed record RawRow(int Line, IReadOnlyDictionary<string, RawField> Fields, string? Problem = null)
{
    /// <summary>A row that cannot be read.</summary>
    public static RawRow Malformed(int line, string problem) => new(line, new Dictionary<string, RawField>(), problem);

    /// <summary>The row that a JSON value holds.</summary>
    public static RawRow OfJson(int line, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return Malformed(line, $"is {new RawField(value.ValueKind, value.GetRawText()).Shown}; expected an object");
        var fields = new Dictionary<string, RawField>(StringComparer.Ordinal);
        try
        {
            foreach (JsonProperty property in value.EnumerateObject())
            {
                string text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
                if (!fields.TryAdd(property.Name, new RawField(property.Value.ValueKind, text)))
                    return Malformed(line, $"gives '{property.Name}' twice");
            }
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json throws for an escaped half of a surrogate pair.
            return Malformed(line, "has a text that is no Unicode: half of a surrogate pair");
        }

        return new RawRow(line, fields);
    }
}
