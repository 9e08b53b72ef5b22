namespace OnnxLens.Cli;

/// <summary>Where this platform keeps things.</summary>
internal static class StandardFolders
{
    /// <summary>What to do about a cache that cannot be written. The variable is read on every platform.</summary>
    public const string MovingCache =
        $"Bundles made on the way are kept there: set {CacheVariable} to the absolute path of a folder that can be written, or make the bundle yourself with 'onnxlens export' or 'onnxlens instrument', and give that.";

    private const string Own = "onnxlens";
    private const string CacheVariable = "XDG_CACHE_HOME";

    /// <summary>The folder for what can be made again: <c>$XDG_CACHE_HOME/onnxlens</c> where that is set, else the platform's own.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string Cache(Func<string, string?> environment)
    {
        string? xdg = environment(CacheVariable);
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
