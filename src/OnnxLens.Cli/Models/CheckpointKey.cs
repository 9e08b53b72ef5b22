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
/// <param name="Content">By what is in it: configuration, tokenizer files and graphs, and size and time of the weights, with the header of a checkpoint's; and by the exporter's build.</param>
/// <param name="Options">By how it is exported.</param>
internal sealed record CheckpointKey(string Place, string Content, string Options)
{
    private const int Digits = 16;
    private const long MostHashed = 64 << 20;
    private const int Beginning = 1 << 20;

    /// <summary>The bundle's folder name within <see cref="Place"/>.</summary>
    public string BundleName => $"{Content}-{Options}";

    /// <summary>True where a folder of <see cref="Place"/> was made from content that the checkpoint no longer has.</summary>
    public bool IsStale(string bundleName) => !bundleName.StartsWith(Content + "-", StringComparison.Ordinal);

    /// <summary>The key of a checkpoint that was read.</summary>
    /// <exception cref="CheckpointException">A weight file's header cannot be read.</exception>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static CheckpointKey Of(Checkpoint checkpoint, IEnumerable<Device> devices) => Of(checkpoint.Folder, devices.Select(device => device.ToString()), () =>
    [
        .. checkpoint.TokenizerFiles.Prepend("config.json").Select(name => $"{name} {HashOf(checkpoint.Folder, name)}"),
        .. checkpoint.WeightFiles.Select(name => $"{SizeAndTime(checkpoint.Folder, name)} {SafetensorsHeader.Read(Path.Combine(checkpoint.Folder, name)).Sha256}"),
    ]);

    /// <summary>The key of an ONNX folder, or of a graph's file in one.</summary>
    /// <param name="source">The folder or file.</param>
    /// <param name="devices">The devices that the bundle is made for.</param>
    /// <param name="withProvider">True where a CUDA provider was given: what the CPU cannot run is checked then, and not otherwise.</param>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static CheckpointKey Of(string source, IEnumerable<Device> devices, bool withProvider = false)
    {
        string full = Path.GetFullPath(source);
        bool isFile = File.Exists(full);
        string folder = isFile ? Path.GetDirectoryName(full)! : full;
        return Of(folder, withProvider ? [.. devices.Select(device => device.ToString()), "with a provider"] : devices.Select(device => device.ToString()), () =>
        [
            $"graph {(isFile ? Path.GetFileName(full) : "")}",
            .. OnnxFolderFiles.Configs(folder).Select(name => $"{name} {HashOf(folder, name)}"),
            .. OnnxFolderFiles.Graphs(folder).Select(name => GraphLine(folder, name)),
            .. OnnxFolderFiles.Weights(folder).Select(name => SizeAndTime(folder, name)),
        ]);
    }

    private static CheckpointKey Of(string folder, IEnumerable<string> options, Func<IEnumerable<string>> files)
    {
        var content = new StringBuilder();
        content.Append(CultureInfo.InvariantCulture, $"{Provenance.ThisTool} {typeof(BundleExporter).Module.ModuleVersionId} schema {BundleManifest.CurrentSchema}\n");
        try
        {
            foreach (string line in files())
            {
                content.Append(line).Append('\n');
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{folder}' cannot be read: {failure.Message}", failure);
        }

        string folderName = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        string place = $"{(folderName.Length == 0 ? "checkpoint" : folderName)}-{Short(folder)}";
        return new CheckpointKey(place, Short(content.ToString()), Short(string.Join(',', options)));
    }

    /// <summary>A graph by its content; one that holds its weights itself by its beginning, size and time.</summary>
    private static string GraphLine(string folder, string name)
    {
        FileInfo file = RealFile.Of(Path.Combine(folder, name));
        if (!file.Exists || file.Length <= MostHashed)
        {
            return file.Exists ? $"{name} {HashOf(folder, name)}" : $"{name} is missing";
        }

        byte[] beginning = new byte[Beginning];
        using FileStream stream = file.OpenRead();
        stream.ReadExactly(beginning);
        return $"{SizeAndTime(folder, name)} {Hash(beginning)}";
    }

    /// <summary>Size and time of what is read by a name, and not of a link to it. A link to nothing may be of no use to the model.</summary>
    private static string SizeAndTime(string folder, string name)
    {
        FileInfo file = RealFile.Of(Path.Combine(folder, name));
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{name} {file.Length} {file.LastWriteTimeUtc.Ticks}") : $"{name} is missing";
    }

    private static string HashOf(string folder, string name) => Hash(PlainFile.ReadAllBytes(Path.Combine(folder, name)));

    private static string Short(string text) => Hash(Encoding.UTF8.GetBytes(text))[..Digits];

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
