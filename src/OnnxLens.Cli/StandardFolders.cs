namespace OnnxLens.Cli;

/// <summary>Where this platform keeps things.</summary>
internal static class StandardFolders
{
    private const string Own = "onnxlens";

    /// <summary>The folder for what can be made again: <c>$XDG_CACHE_HOME/onnxlens</c> where that is set, else the platform's own.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string Cache(Func<string, string?> environment)
    {
        string? xdg = environment("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(xdg) && Path.IsPathRooted(xdg))
        {
            return Path.Combine(xdg, Own);
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Own, "cache");
        }

        string home = environment("HOME") is { Length: > 0 } set ? set : Path.GetTempPath();
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", Own) : Path.Combine(home, ".cache", Own);
    }
}
