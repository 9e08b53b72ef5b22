using System.Text;

namespace OnnxLens.Eval.Datasets;

/// <summary>The text of a dataset's file, and its name for messages.</summary>
/// <param name="Path">The path as given.</param>
/// <param name="Text">The content, without a byte order mark.</param>
internal sealed record DatasetText(string Path, string Text)
{
    /// <summary>The path's ending, lower case, with its dot.</summary>
    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();

    /// <summary>Reads a file.</summary>
    /// <exception cref="EvalException">Its name is empty, or it is not there, a folder, empty, cannot be read, or is not UTF-8.</exception>
    public static DatasetText Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
        {
            throw new EvalException("The name of a dataset's file is empty. Give a path.");
        }

        if (Directory.Exists(path))
        {
            throw new EvalException($"'{path}' is a folder; expected the file of one dataset. Give a .json, .jsonl, .csv or .tsv file in it.");
        }

        byte[] bytes = ReadBytes(path);
        string text = Decode(path, bytes);
        return string.IsNullOrWhiteSpace(text)
            ? throw new EvalException($"'{path}' holds nothing but white space; expected a dataset. Give a file with at least one row.")
            : new DatasetText(path, text);
    }

    /// <summary>An error of the file as a whole.</summary>
    public EvalException Wrong(string problem, Exception? cause = null) =>
        cause is null ? new EvalException($"'{Path}' {problem}") : new EvalException($"'{Path}' {problem}", cause);

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return PlainFile.ReadAllBytes(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new EvalException($"The dataset '{path}' cannot be read: {refusal.Message.TrimEnd('.')}. Give a file that is there, may be read, and has rows.", refusal);
        }
    }

    private static string Decode(string path, byte[] bytes)
    {
        try
        {
            return StrictUtf8.Decode(bytes);
        }
        catch (DecoderFallbackException bad)
        {
            ReadOnlySpan<byte> content = StrictUtf8.Content(bytes);
            int line = content[..Math.Clamp(bad.Index, 0, content.Length)].Count((byte)'\n') + 1;
            bool utf16 = content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
            throw new EvalException($"'{path}' is {(utf16 ? "UTF-16" : $"not UTF-8 (line {line})")}; expected UTF-8. Save it as UTF-8.", bad);
        }
    }
}
