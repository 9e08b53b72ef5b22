using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace OnnxLens.Bench.Commands;

/// <summary>Lists of numbers as users give them.</summary>
internal static class InputLists
{
    /// <summary>Token ids from a file that holds a JSON array of whole numbers.</summary>
    /// <exception cref="BenchDataException">There is no such file, or it holds something else.</exception>
    public static ImmutableArray<int> Ids(string path)
    {
        try
        {
            int[]? ids = JsonSerializer.Deserialize<int[]>(File.ReadAllBytes(path));
            return ids is { Length: > 0 } ? [.. ids] : throw new BenchDataException($"'{path}' holds no token ids. Expected is a JSON array, as [1, 306, 4658].");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BenchDataException($"'{path}' cannot be read as token ids: {exception.Message} Expected is a JSON array, as [1, 306, 4658].", exception);
        }
    }

    /// <summary>Numbers with commas between, each once, ascending.</summary>
    /// <exception cref="SelectionException">Something is no whole number.</exception>
    public static ImmutableArray<int> Numbers(string text, string option) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new SelectionException($"'{option}' takes whole numbers with commas; '{part}' is none.")).Distinct().Order(),
    ];
}
