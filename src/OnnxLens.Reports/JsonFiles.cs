using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace OnnxLens.Reports;

/// <summary>How every JSON file of results is written.</summary>
internal static class JsonFiles
{
    /// <summary>Keeps all scripts readable and still escapes what would end a script element in HTML.</summary>
    internal static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.All);

    /// <summary>Writes one JSON value and a final line feed. UTF-8 without a byte order mark.</summary>
    internal static void Write(Stream stream, bool indented, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = Encoder, Indented = indented, NewLine = "\n" }))
            write(json);
        stream.WriteByte((byte)'\n');
    }
}
