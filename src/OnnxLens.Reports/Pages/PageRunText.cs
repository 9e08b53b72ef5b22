using System.Buffers;

namespace OnnxLens.Reports.Pages;

/// <summary>Finds the text of the first run in a page.</summary>
internal static class PageRunText
{
    /// <summary>Bytes of a page within which its first run begins: before it are the page's head and style.</summary>
    private const int HeadBytes = 1 << 22;

    private static readonly byte[] Opening = [.. System.Text.Encoding.ASCII.GetBytes($"<script type=\"{PageFile.RunType}\">")];

    /// <summary>The text of the first run: base64, not looked at. No more of a file is read than a page can have.</summary>
    /// <exception cref="PageException">The file cannot be read, or holds no run.</exception>
    internal static byte[] Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            PlainFile.RequireBytes(path);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!stream.CanSeek)
                throw new IOException("it is a pipe or a device in place of a file");
            long start = Start(stream) ?? throw new PageException($"'{path}' is no page that onnxlens wrote: there is no run in it. Give a page, the HTML file that '--html' of an earlier run wrote.");
            int length = Length(stream, path, start);
            byte[] text = new byte[length];
            stream.Position = start;
            stream.ReadExactly(text);
            return text;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new PageException($"The page '{path}' cannot be read: {refusal.Message.TrimEnd('.')}. Give a page, the HTML file that '--html' of an earlier run wrote.", refusal);
        }
    }

    /// <summary>Where the text begins, or null where no run does.</summary>
    private static long? Start(FileStream stream)
    {
        byte[] head = ArrayPool<byte>.Shared.Rent(HeadBytes);
        try
        {
            int read = stream.ReadAtLeast(head.AsSpan(0, HeadBytes), HeadBytes, throwOnEndOfStream: false);
            int at = head.AsSpan(0, read).IndexOf(Opening);
            return at < 0 ? null : at + Opening.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    /// <summary>Bytes up to the next tag, of which base64 has none.</summary>
    private static int Length(FileStream stream, string path, long start)
    {
        Span<byte> buffer = new byte[1 << 16];
        stream.Position = start;
        for (int length = 0; length <= PageSize.MaxTextBytes;)
        {
            int read = stream.Read(buffer);
            if (read == 0)
                throw new PageException($"The page '{path}' is cut off within its run. Write it again.");
            int end = buffer[..read].IndexOf((byte)'<');
            if (end >= 0 && length + end <= PageSize.MaxTextBytes)
                return length + end;
            length += end >= 0 ? end : read;
        }

        throw new PageException($"The run in the page '{path}' has more than {PageSize.MaxTextBytes >> 20} MiB. Give a page with fewer positions, layers or sites.");
    }
}
