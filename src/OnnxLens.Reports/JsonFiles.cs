using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace OnnxLens.Reports;

/// <summary>How every JSON file of results is written.</summary>
internal static class JsonFiles
{
    /// <summary>Keeps all scripts readable and still escapes what would end a script element in HTML.</summary>
    internal static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.All);

    /// <summary>How objects whose keys are their members' names are written: in snake_case.</summary>
    internal static JsonSerializerOptions Members { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = Encoder };

    /// <summary>Writes a real number as the next value: null where it is NaN, the text <c>"Infinity"</c> or <c>"-Infinity"</c> where infinite, as JSON has no number for it.</summary>
    internal static void WriteReal<T>(Utf8JsonWriter json, T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        if (T.IsNaN(value))
            json.WriteNullValue();
        else if (T.IsInfinity(value))
            json.WriteStringValue(T.IsPositive(value) ? "Infinity" : "-Infinity");
        else
            json.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture), skipInputValidation: true);
    }

    /// <summary>Writes a real number as a member of the object that is being written; null where undefined.</summary>
    internal static void WriteReal(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        WriteReal(json, value ?? double.NaN);
    }

    /// <summary>Writes a file that holds one object alone, indented, its members in snake_case.</summary>
    internal static void WriteMembers<T>(Stream stream, T value) =>
        Write(stream, indented: true, json => JsonSerializer.Serialize(json, value, Members));

    /// <summary>Writes one JSON value and a final line feed. UTF-8 without a byte order mark.</summary>
    internal static void Write(Stream stream, bool indented, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = Encoder, Indented = indented, NewLine = "\n" }))
            write(json);
        stream.WriteByte((byte)'\n');
    }
}
