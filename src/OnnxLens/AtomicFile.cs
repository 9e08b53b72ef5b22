namespace OnnxLens;

/// <summary>
/// Writes files whole or not at all: to a temporary name beside the target, flushed to the disk, then renamed over it.
/// </summary>
/// <remarks>
/// A reader sees the old file or the new one, never a part. Where writing fails, the temporary files are removed and the
/// targets stay as they were. Missing parent folders are created. A link is followed: the file it points to is replaced.
/// </remarks>
public static class AtomicFile
{
    private const int BufferBytes = 1 << 16;
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int DiskFullWindows = 112;

    /// <summary>Writes one file.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content. The stream is closed by this method.</param>
    /// <exception cref="OutputException">The file system refused. Whatever else <paramref name="write"/> throws comes through as it is.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        WriteAll([(path, write)]);
    }

    /// <summary>Writes several files that belong together: the first is renamed only after the last was written.</summary>
    /// <param name="files">Path and content of each, in the order of writing and renaming.</param>
    /// <exception cref="OutputException">The file system refused. Whatever else a writer throws comes through as it is.</exception>
    public static void WriteAll(IReadOnlyList<(string Path, Action<Stream> Write)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach ((string path, _) in files)
            ArgumentException.ThrowIfNullOrEmpty(path);

        var staged = new List<(string Temporary, string Target)>(files.Count);
        try
        {
            foreach ((string path, Action<Stream> write) in files)
                NameRefusals(path, () => Stage(path, write, staged));
            foreach ((string temporary, string target) in staged)
                NameRefusals(target, () => File.Move(temporary, target, overwrite: true));
        }
        catch
        {
            foreach ((string temporary, _) in staged)
                Discard(temporary);
            throw;
        }
    }

    private static void Stage(string path, Action<Stream> write, List<(string Temporary, string Target)> staged)
    {
        string target = Target(path);
        string folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
            options.UnixCreateMode = File.GetUnixFileMode(target);
        using var stream = new FileStream(temporary, options);
        staged.Add((temporary, target));
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        if (new FileInfo(full).LinkTarget is not null)
            full = File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
            throw new OutputException($"Cannot write '{path}': it is a folder. Give the name of a file.", path);
        if (IsDevice(full))
            throw new OutputException($"Cannot write '{path}': it is a device or a pipe, which cannot be replaced as a whole. Give the name of a file.", path);
        return full;
    }

    private static bool IsDevice(string full) =>
        !OperatingSystem.IsWindows()
        && (Path.GetDirectoryName(full) == "/dev" || full.StartsWith("/dev/fd/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal));

    private static void NameRefusals(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"Cannot write '{path}': {refusal.Message.TrimEnd('.')}. {Fix(refusal)}", path, refusal);
        }
    }

    private static string Fix(Exception refusal) => refusal switch
    {
        UnauthorizedAccessException => "Give a folder in which you may write.",
        PathTooLongException => "Give a shorter path.",
        _ when (refusal.HResult & 0xFFFF) is NoSpaceErrno or QuotaErrno or DiskFullWindows => "Free space on the disk, or write to another one.",
        _ => "Give a path on a disk that can be written.",
    };

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report; the leftover has a name that nothing reads.
        }
    }
}
