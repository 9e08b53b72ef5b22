namespace OnnxLens.Cli.Models;

/// <summary>Checks before a long run that its results can be written where they shall go.</summary>
internal static class OutputPaths
{
    /// <summary>Refuses a folder that cannot hold files.</summary>
    /// <exception cref="OutputException">The path is a file, or cannot be written.</exception>
    public static void RequireFolder(string path)
    {
        RequireName(path);
        if (File.Exists(path))
        {
            throw new OutputException($"Cannot write into '{path}': it is a file. Give the name of a folder.", path);
        }

        Probe(path, Path.GetFullPath(path));
    }

    /// <summary>Refuses a path that cannot become a file.</summary>
    /// <exception cref="OutputException">The path is a folder, or cannot be written.</exception>
    public static void RequireFile(string path)
    {
        RequireName(path);
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
        {
            throw new OutputException($"Cannot write '{path}': it is a folder. Give the name of a file.", path);
        }

        Probe(path, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Refuses two results in one file.</summary>
    /// <exception cref="UsageException">Two paths are the same.</exception>
    public static void RequireDistinct(IEnumerable<string> paths)
    {
        string? twice = paths.Select(Path.GetFullPath).GroupBy(path => path, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new UsageException($"'{twice}' is named for two results. Give each a file of its own.");
        }
    }

    private static void RequireName(string path)
    {
        if (path.Length == 0)
        {
            throw new UsageException("The name of an output is empty. Give a path.");
        }
    }

    /// <summary>Writes and removes an empty file in the nearest folder that is there.</summary>
    private static void Probe(string path, string folder)
    {
        string nearest = folder;
        while (!Directory.Exists(nearest))
        {
            if (File.Exists(nearest))
            {
                throw new OutputException($"Cannot write '{path}': '{nearest}' is a file. Give a path within folders.", path);
            }

            nearest = Path.GetDirectoryName(nearest) ?? throw new OutputException($"Cannot write '{path}': there is no '{nearest}'.", path);
        }

        string probe = Path.Combine(nearest, $".{Guid.NewGuid():N}.tmp");
        OutputException.NameRefusals(path, () =>
        {
            using FileStream stream = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        });
    }
}
