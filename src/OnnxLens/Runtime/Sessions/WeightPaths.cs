using OnnxLens.Bundles;

namespace OnnxLens.Runtime.Sessions;

/// <summary>
/// Where the weight files of a bundle really lie, seen from one folder above them all. ONNX Runtime opens external data
/// only below a folder that it is given, and refuses links that leave it; so links are resolved here.
/// </summary>
internal sealed class WeightPaths
{
    private readonly Dictionary<string, string> _relative = [];

    public WeightPaths(LensBundle bundle)
        : this(bundle.Manifest.Files.ToDictionary(file => file.Name, file => bundle.PathOf(file.Name)))
    {
    }

    /// <param name="files">Where each file lies, by the name that graphs call it; at least one.</param>
    public WeightPaths(IReadOnlyDictionary<string, string> files)
    {
        var real = files.ToDictionary(file => file.Key, file => RealPath(file.Value));
        Folder = CommonFolder([.. real.Values]);
        foreach ((string name, string path) in real)
        {
            _relative[name] = Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    /// <summary>The deepest folder that holds every file. Absolute, without links.</summary>
    public string Folder { get; }

    /// <summary>A file's path below <see cref="Folder"/>.</summary>
    /// <exception cref="BundleException">A graph refers to a file that is not listed.</exception>
    public string Relative(string graph, string location) =>
        _relative.TryGetValue(location, out string? path)
            ? path
            : throw new BundleException($"The graph '{graph}' refers to a weight file '{location}' that the manifest does not list. Make the bundle again.");

    /// <summary>The path with every link on the way resolved.</summary>
    internal static string RealPath(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        string real = root;
        foreach (string part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            string? target = info.LinkTarget is null ? null : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
            real = target is null ? next : RealPath(target);
        }

        return real;
    }

    private static string CommonFolder(string[] files)
    {
        string folder = Path.GetDirectoryName(files[0])!;
        foreach (string file in files)
        {
            while (!IsBelow(file, folder))
            {
                folder = Path.GetDirectoryName(folder)
                    ?? throw new BundleException($"'{files[0]}' and '{file}' lie on different volumes. Make the bundle again with '--weights copy'.");
            }
        }

        return folder;
    }

    private static bool IsBelow(string file, string folder) =>
        file.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
