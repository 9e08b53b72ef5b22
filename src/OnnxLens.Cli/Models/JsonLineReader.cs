using System.Text.Json;

namespace OnnxLens.Cli.Models;

/// <summary>Reads files that hold one JSON value a line.</summary>
internal static class JsonLineReader
{
    /// <summary>True where a file's name says that it holds such lines.</summary>
    public static bool IsNamed(string path) => path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);

    /// <summary>The lines that are not blank, each with its number from 1.</summary>
    public static IEnumerable<(int Number, string Line)> Filled(string text) =>
        text.ReplaceLineEndings("\n").Split('\n').Select((line, i) => (i + 1, line)).Where(line => !string.IsNullOrWhiteSpace(line.line));

    /// <summary>Reads one line.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="number">The line's number.</param>
    /// <param name="line">The line.</param>
    /// <param name="expected">What a line should be, for messages.</param>
    /// <param name="read">Takes its value; null where it is something else than expected.</param>
    /// <exception cref="InputException">The line is no JSON, or something else than expected.</exception>
    public static T Read<T>(string path, int number, string line, string expected, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return read(json.RootElement) ?? throw new InputException($"'{path}', line {number}: expected {expected}.");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second is what half a character escaped in a text gives.
            throw new InputException($"'{path}', line {number}: this is no JSON: {failure.Message}", failure);
        }
    }

    /// <summary>The text that an object has under a name, or null.</summary>
    public static string? TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
