namespace OnnxLens.Export.Checkpoints;

/// <summary>Says in an error message what a folder holds.</summary>
internal static class FolderListing
{
    private const int Shown = 8;

    /// <summary>One sentence with the first few names, e.g. <c>it holds: a.bin, b.txt.</c></summary>
    public static string Describe(string folder)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? "the folder is empty." : $"it holds: {FirstOf(names, Shown)}.";
    }

    /// <summary>The first names, and how many more there are.</summary>
    public static string FirstOf(IReadOnlyCollection<string> names, int shown) =>
        string.Join(", ", names.Take(shown)) + (names.Count > shown ? $" and {names.Count - shown} more" : string.Empty);
}
