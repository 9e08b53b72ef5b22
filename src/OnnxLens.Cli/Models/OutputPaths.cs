using System.Collections.Immutable;

namespace OnnxLens.Cli.Models;

/// <summary>Checks before a long run that its results can be written where they shall go.</summary>
internal static class OutputPaths
{
    private const string StandardOutput = "-";

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

    /// <summary>Refuses folders that cannot hold files.</summary>
    /// <param name="folders">Each with the files that are written into it; null is none.</param>
    /// <returns>The paths of the files. Two folders that are one share the files whose name both have, which hold the same.</returns>
    /// <exception cref="OutputException">A path is a file, or cannot be written.</exception>
    public static string[] RequireFolders(params ReadOnlySpan<(string? Folder, ImmutableArray<string> Files)> folders)
    {
        List<string> paths = [];
        foreach ((string? folder, ImmutableArray<string> files) in folders)
        {
            if (folder is not null)
            {
                RequireFolder(folder);
                paths.AddRange(files.Select(name => Path.Combine(folder, name)));
            }
        }

        return [.. paths.DistinctBy(Path.GetFullPath)];
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
    /// <exception cref="UsageException">Two paths are the same, links followed.</exception>
    public static void RequireDistinct(IEnumerable<string> paths)
    {
        string? twice = paths.Select(Real).GroupBy(path => path, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new UsageException($"'{twice}' is named for two results. Give each a file of its own.");
        }
    }

    /// <summary>Refuses a result in the file of an input, which it would replace.</summary>
    /// <param name="results">What is written.</param>
    /// <param name="inputs">What is read; empty names are left to whoever reads them.</param>
    /// <exception cref="UsageException">A path is among both, links followed.</exception>
    public static void RequireApart(IEnumerable<string> results, IEnumerable<string> inputs)
    {
        string[] read = [.. inputs.Where(path => path.Length > 0).Select(Real)];
        string? both = results.FirstOrDefault(path => read.Contains(Real(path)));
        if (both is not null)
        {
            throw new UsageException($"'{both}' is read here, and a result would replace it. Give the result a file of its own.");
        }
    }

    /// <summary>True where two paths lead to one file.</summary>
    public static bool AreSame(string first, string second) => Real(first) == Real(second);

    /// <summary>The file that a path leads to; where a link leads nowhere, that of the link.</summary>
    private static string Real(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return Path.GetFullPath(path);
        }
    }

    /// <summary>Refuses what is no name of an output, whatever lies there.</summary>
    /// <exception cref="UsageException">It is empty, or stands for standard output in other programs.</exception>
    public static void RequireName(string path)
    {
        if (path.Length == 0)
        {
            throw new UsageException("The name of an output is empty. Give a path.");
        }

        if (path == StandardOutput)
        {
            throw new UsageException(
                $"'{StandardOutput}' would be standard output, which has what a command prints; files of results appear whole or not at all, and cannot go there. Give a path; './{StandardOutput}' is one so called.");
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
            UnfinishedFiles.OfProcess.Begin(probe, () => new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.Delete)).Dispose();
            UnfinishedFiles.OfProcess.Discard(probe);
        });
    }
}
