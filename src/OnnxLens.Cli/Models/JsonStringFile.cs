using System.Text;
using System.Text.Json;

namespace OnnxLens.Cli.Models;

/// <summary>A file of JSON strings, one a line.</summary>
internal static class JsonStringFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes one JSON array of ids for each line. Holds one line at a time.</summary>
    /// <exception cref="InputException">The file cannot be read, is not UTF-8, or a line is no JSON string; the lines before it were written.</exception>
    public static void Encode(string path, Func<string, int[]> encode, TextWriter output, CancellationToken cancellation)
    {
        int number = 0;
        foreach (string line in Lines(path))
        {
            cancellation.ThrowIfCancellationRequested();
            number++;
            int[] ids = encode(Parse(line, path, number));
            output.Write($"[{string.Join(',', ids)}]\n");
        }
    }

    private static string Parse(string line, string path, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.String)
            {
                return document.RootElement.GetString()!;
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw NoString(path, number, failure);
        }

        throw NoString(path, number, null);
    }

    private static InputException NoString(string path, int number, Exception? cause) =>
        new($"'{path}' line {number} is no JSON string{(cause is null ? "" : $" ({cause.Message.TrimEnd('.')})")}. Write one string in double quotes on each line.", cause);

    private static IEnumerable<string> Lines(string path)
    {
        using StreamReader reader = Read(path, () =>
        {
            PlainFile.RequireNoFolder(path);
            return new StreamReader(path, Strict);
        });
        while (Read(path, reader.ReadLine) is string line)
        {
            yield return line;
        }
    }

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException failure)
        {
            throw new InputException($"'{path}' is not UTF-8: {failure.Message} Save it as UTF-8.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }
}
