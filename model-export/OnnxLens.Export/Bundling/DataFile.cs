namespace OnnxLens.Export.Bundling;

/// <summary>Large files of weights: where they really lie, and copies that can be stopped.</summary>
internal static class DataFile
{
    private const int CopyBytes = 1 << 20;

    /// <summary>The file itself, where the path is a chain of symbolic links.</summary>
    public static string RealPath(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Copies a file to a path, to the disk.</summary>
    /// <returns>Bytes that were copied.</returns>
    public static long Copy(string source, string target, CancellationToken cancellation)
    {
        using FileStream from = File.OpenRead(source);
        using FileStream to = File.Create(target);
        byte[] buffer = new byte[CopyBytes];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            to.Write(buffer, 0, read);
        }

        to.Flush(flushToDisk: true);
        return to.Length;
    }
}
