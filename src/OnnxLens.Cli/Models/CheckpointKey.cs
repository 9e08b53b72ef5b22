using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;

namespace OnnxLens.Cli.Models;

/// <summary>Where the bundle of a checkpoint lies in the cache, so that an unchanged checkpoint is exported once.</summary>
/// <param name="Place">By the checkpoint's folder.</param>
/// <param name="Content">By what is in it: config, tokenizer files, and header, size and time of the weights; and by the exporter's build.</param>
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
        var content = new StringBuilder();
        content.Append(CultureInfo.InvariantCulture, $"{Provenance.ThisTool} {typeof(BundleExporter).Module.ModuleVersionId} schema {BundleManifest.CurrentSchema}\n");
        try
        {
            foreach (string name in checkpoint.TokenizerFiles.Prepend("config.json"))
            {
                content.Append(CultureInfo.InvariantCulture, $"{name} {Hash(PlainFile.ReadAllBytes(Path.Combine(checkpoint.Folder, name)))}\n");
            }

            foreach (string name in checkpoint.WeightFiles)
            {
                var file = new FileInfo(Path.Combine(checkpoint.Folder, name));
                content.Append(CultureInfo.InvariantCulture, $"{name} {file.Length} {file.LastWriteTimeUtc.Ticks} {SafetensorsHeader.Read(file.FullName).Sha256}\n");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The checkpoint '{checkpoint.Folder}' cannot be read: {failure.Message}", failure);
        }

        string folderName = Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Folder));
        string place = $"{(folderName.Length == 0 ? "checkpoint" : folderName)}-{Short(checkpoint.Folder)}";
        return new CheckpointKey(place, Short(content.ToString()), Short(string.Join(',', devices)));
    }

    private static string Short(string text) => Hash(Encoding.UTF8.GetBytes(text))[..Digits];

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
