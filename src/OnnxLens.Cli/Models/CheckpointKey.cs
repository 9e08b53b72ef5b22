using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;

namespace OnnxLens.Cli.Models;

/// <summary>Where the bundle of a checkpoint or an ONNX folder lies in the cache, so that an unchanged one is exported once.</summary>
/// <param name="Place">By the folder.</param>
/// <param name="Content">By what is in it: configuration, tokenizer files and graphs, and header, size and time of the weights; and by the exporter's build.</param>
/// <param name="Options">By how it is exported.</param>
internal sealed record CheckpointKey(string Place, string Content, string Options)
{
    private const int Digits = 16;

    /// <summary>The bundle's folder name within <see cref="Place"/>.</summary>
    public string BundleName => $"{Content}-{Options}";

    /// <summary>True where a folder of <see cref="Place"/> was made from content that the checkpoint no longer has.</summary>
    public bool IsStale(string bundleName) => !bundleName.StartsWith(Content + "-", StringComparison.Ordinal);

    /// <summary>The key of a checkpoint that was read.</summary>
    /// <exception cref="CheckpointException">A weight file's header cannot be read.</exception>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static CheckpointKey Of(Checkpoint checkpoint, IEnumerable<Device> devices)
    {
        return Of(
            checkpoint.Folder,
            checkpoint.TokenizerFiles.Prepend("config.json"),
            checkpoint.WeightFiles.Select(name => (name, SafetensorsHeader.Read(Path.Combine(checkpoint.Folder, name)).Sha256)),
            devices);
    }

    /// <summary>The key of an ONNX folder, or of a graph's file in one.</summary>
    /// <param name="source">The folder or file.</param>
    /// <param name="devices">The devices that the bundle is made for.</param>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static CheckpointKey Of(string source, IEnumerable<Device> devices)
    {
        string full = Path.GetFullPath(source);
        string folder = File.Exists(full) ? Path.GetDirectoryName(full)! : full;
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
        string[] read = [.. files.Where(file => Path.GetExtension(file) is ".json" or ".model" or ".txt" or ".jinja")];
        string graph = full == folder ? "" : Path.GetFileName(full);
        return Of(folder, read, files.Except(read).Select(file => (file, graph)), devices);
    }

    private static CheckpointKey Of(string folder, IEnumerable<string> read, IEnumerable<(string Name, string Mark)> weighed, IEnumerable<Device> devices)
    {
        var content = new StringBuilder();
        content.Append(CultureInfo.InvariantCulture, $"{Provenance.ThisTool} {typeof(BundleExporter).Module.ModuleVersionId} schema {BundleManifest.CurrentSchema}\n");
        try
        {
            foreach (string name in read)
            {
                content.Append(CultureInfo.InvariantCulture, $"{name} {Hash(PlainFile.ReadAllBytes(Path.Combine(folder, name)))}\n");
            }

            foreach ((string name, string mark) in weighed)
            {
                var file = new FileInfo(Path.Combine(folder, name));
                content.Append(CultureInfo.InvariantCulture, $"{name} {file.Length} {file.LastWriteTimeUtc.Ticks} {mark}\n");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{folder}' cannot be read: {failure.Message}", failure);
        }

        string folderName = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        string place = $"{(folderName.Length == 0 ? "checkpoint" : folderName)}-{Short(folder)}";
        return new CheckpointKey(place, Short(content.ToString()), Short(string.Join(',', devices)));
    }

    private static string Short(string text) => Hash(Encoding.UTF8.GetBytes(text))[..Digits];

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
