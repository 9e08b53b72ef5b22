namespace OnnxLens.Reports.Journals;

/// <summary>Opens the file of a journal for this process alone.</summary>
internal static class JournalFile
{
    private const int LockedLinux = 11;
    private const int LockedMac = 35;
    private const int SharingViolationWindows = 32;
    private const int LockViolationWindows = 33;

    /// <summary>Opens or creates it. Every write goes through to the disk.</summary>
    /// <exception cref="OutputException">The file system refused, or somebody else has the file open.</exception>
    internal static FileStream Open(string path, JournalKind kind)
    {
        FileStream? file = null;
        OutputException.NameRefusals(path, () =>
        {
            string full = Path.GetFullPath(path);
            if (Path.GetDirectoryName(full) is { } folder)
                Directory.CreateDirectory(folder);
            file = OpenAlone(full, kind);
        });
        if (!file!.CanSeek)
        {
            file.Dispose();
            throw new OutputException($"Cannot write '{path}': it is a device or a pipe. Remove it, or give another folder.", path);
        }

        return file;
    }

    private static FileStream OpenAlone(string path, JournalKind kind)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                Options = FileOptions.WriteThrough,
            });
        }
        catch (IOException refusal) when (IsLocked(refusal))
        {
            throw new OutputException($"'{path}' is in use: another {kind.Work} writes to it. Wait for its end, or give another folder.", path, refusal);
        }
    }

    private static bool IsLocked(IOException refusal) => OperatingSystem.IsWindows()
        ? (refusal.HResult & 0xFFFF) is SharingViolationWindows or LockViolationWindows
        : refusal.HResult == (OperatingSystem.IsMacOS() ? LockedMac : LockedLinux);
}
