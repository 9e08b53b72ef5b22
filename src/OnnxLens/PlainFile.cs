namespace OnnxLens;

/// <summary>Reads files of models. A device or a pipe in their place, which would never end, says it has no bytes, and is not opened.</summary>
public static class PlainFile
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="IOException">The file cannot be read, or says it is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        RequireBytes(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>Refuses what has no bytes. What is not there is left to whoever opens it.</summary>
    /// <exception cref="IOException">The file is there and says it is empty.</exception>
    public static void RequireBytes(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        }

        if (file.Exists && file.Length == 0)
        {
            throw new IOException($"'{Path.GetFileName(path)}' is empty, or a pipe or a device in place of a file.");
        }
    }
}
