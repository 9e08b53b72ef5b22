namespace OnnxLens.Reports;

/// <summary>The files of a report in a folder.</summary>
internal static class ReportFolder
{
    /// <summary>The file that says where the tables beside it came from.</summary>
    internal const string Origin = "provenance.json";

    /// <summary>Writes files; they are replaced together, when all of them are complete.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="files">Names and contents.</param>
    /// <param name="names">The names of all files that such a report can have: those of an earlier report that this one does not have are removed.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static IReadOnlyList<string> Write(string folder, IEnumerable<(string Name, Action<Stream> Write)> files, IEnumerable<string> names)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (string Path, Action<Stream> Write)[] all = [.. files.Select(file => (Path.Combine(folder, file.Name), file.Write))];
        AtomicFile.WriteAll(all);
        string[] written = [.. all.Select(file => file.Path)];
        RemoveOthers(folder, names, written);
        return written;
    }

    /// <summary>Removes the files of an earlier report that the one just written does not have.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">The names of all files that such a report can have.</param>
    /// <param name="written">The paths written.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    internal static void RemoveOthers(string folder, IEnumerable<string> names, IEnumerable<string> written)
    {
        foreach (string stale in names.Select(name => Path.Combine(folder, name)).Except(written))
            StaleFile.Remove(stale);
    }
}
