namespace OnnxLens;

/// <summary>
/// Writes files whole or not at all: to a temporary name beside the target, flushed to the disk, then renamed over it.
/// </summary>
/// <remarks>
/// A reader sees the old file or the new one, never a part. Where writing fails, the temporary files are removed and the
/// targets stay as they were; they are among <see cref="UnfinishedFiles.OfProcess"/> until then. Missing parent folders are created. A
/// link is followed: the file it points to is replaced.
/// </remarks>
public static class AtomicFile
{
    private const int BufferBytes = 1 << 16;

    private static readonly UnfinishedFiles Unfinished = UnfinishedFiles.OfProcess;

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
                OutputException.NameRefusals(path, () => Stage(path, write, staged));
            Unfinished.Complete(staged.Select(file => file.Temporary), () =>
            {
                foreach ((string temporary, string target) in staged)
                    OutputException.NameRefusals(target, () => File.Move(temporary, target, overwrite: true));
            });
        }
        catch
        {
            foreach ((string temporary, _) in staged)
                Unfinished.Discard(temporary);
            throw;
        }
    }

    private static void Stage(string path, Action<Stream> write, List<(string Temporary, string Target)> staged)
    {
        string target = Target(path);
        string folder = Path.GetDirectoryName(target)!;
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
            options.UnixCreateMode = File.GetUnixFileMode(target);
        using FileStream stream = Unfinished.Begin(temporary, () =>
        {
            Directory.CreateDirectory(folder);
            return new FileStream(temporary, options);
        });
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
}
