using System.Reflection;

namespace OnnxLens.Cli.Models;

/// <summary>The demo's checkpoint and datasets. They are resources of the program, so that they are wherever it is: in a build, a tool package or a single file.</summary>
internal static class DemoFiles
{
    private const string Prefix = "demo/";

    /// <summary>The checkpoint among the unpacked files.</summary>
    public static string Checkpoint(string folder) => Path.Combine(folder, "checkpoint");

    /// <summary>A dataset among the unpacked files.</summary>
    public static string Dataset(string folder, string name) => Path.Combine(folder, "datasets", name);

    /// <summary>Writes them into a folder, where they stay: whoever has no clone goes on from there.</summary>
    /// <exception cref="OutputException">A file cannot be written.</exception>
    public static void Unpack(string folder)
    {
        Assembly program = typeof(DemoFiles).Assembly;
        foreach (string name in program.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string path = Path.Combine([folder, .. name[Prefix.Length..].Split('/')]);
            OutputException.NameRefusals(path, () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                using Stream source = program.GetManifestResourceStream(name)!;
                using FileStream target = File.Create(path);
                source.CopyTo(target);
            });
        }
    }
}
