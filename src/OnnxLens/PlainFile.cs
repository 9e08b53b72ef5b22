namespace OnnxLens;

/// <summary>Reads files of models. A device or a pipe in their place, which would never end, says it has no bytes, and is not opened.</summary>
public static class PlainFile
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="IOException">The path is a folder, or the file cannot be read, or says it is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        RequireBytes(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>Refuses a folder, which the system would say may not be read. What is not there is left to whoever opens it.</summary>
    /// <exception cref="IOException">The path is a folder.</exception>
    public static void RequireNoFolder(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))}' is a folder, where a file was expected.");
        }
    }

    /// <summary>Refuses what has no bytes. What is not there is left to whoever opens it.</summary>
    /// <exception cref="IOException">The path is a folder, or the file is there and says it is empty.</exception>
    public static void RequireBytes(string path)
    {
        RequireNoFolder(path);
        if (IsEmpty(path))
        {
            throw new IOException($"'{Path.GetFileName(path)}' is empty: it is truncated, or a pipe or a device in place of a file.");
        }
    }

    /// <summary>True where the file is there, links followed, and says it is empty.</summary>
    /// <exception cref="IOException">Links go round in circles.</exception>
    public static bool IsEmpty(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        }

        return file.Exists && file.Length == 0;
    }
}
