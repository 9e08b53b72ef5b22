using System.Text;

namespace OnnxLens.Reports.Pages;

/// <summary>Writes a page: the built program of its kind with runs in it.</summary>
/// <remarks>The programs are built from <c>web</c> and embedded; nothing is made of them here but the place of the runs.</remarks>
internal static class PageFile
{
    /// <summary>The type of the elements that hold runs.</summary>
    internal const string RunType = "application/vnd.onnxlens.run";

    private const string Marker = "<!--onnxlens:runs-->\n";

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind"><c>lens</c>, <c>sweep</c> or <c>drift</c>.</param>
    /// <param name="runs">Write the text of each run: base64 alone.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static void Write(string path, string kind, params IReadOnlyList<Action<Stream>> runs)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string program = Program(kind);
        int marker = program.IndexOf(Marker, StringComparison.Ordinal);
        AtomicFile.Write(path, stream =>
        {
            Write(stream, program.AsSpan(0, marker));
            foreach (Action<Stream> run in runs)
            {
                Write(stream, $"<script type=\"{RunType}\">");
                run(stream);
                Write(stream, "</script>\n");
            }

            Write(stream, program.AsSpan(marker + Marker.Length));
        });
    }

    /// <summary>The built program of a kind of page.</summary>
    internal static string Program(string kind)
    {
        using Stream stream = typeof(PageFile).Assembly.GetManifestResourceStream($"pages/{kind}.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static void Write(Stream stream, ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        stream.Write(bytes);
    }
}
