using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OnnxLens.Safetensors;

namespace OnnxLens.Bundles;

/// <summary>A lens bundle on disk whose files were found to be those its manifest lists.</summary>
/// <remarks>
/// Graph and tokenizer files are hashed whole when the bundle is opened, and the bytes that were hashed are the bytes that are run.
/// Of large weight files, size and a part are checked (<see cref="FileEntry.PartSha256"/>): they can be larger than memory. The manifest holds the hash that
/// their data had when the bundle was written, so that <see cref="Hash"/> tells two models apart.
/// </remarks>
public sealed class LensBundle
{
    private readonly ImmutableDictionary<string, byte[]> _graphs;
    private readonly ImmutableDictionary<string, FileEntry> _files;

    private LensBundle(string folder, BundleManifest manifest, string hash, ImmutableDictionary<string, byte[]> graphs)
    {
        Folder = folder;
        Manifest = manifest;
        Hash = hash;
        _graphs = graphs;
        _files = manifest.Files.ToImmutableDictionary(file => file.Name);
        string[] weights = [.. manifest.Files.Where(file => file.Role == FileRole.Weights).Select(file => file.Sha256).Order(StringComparer.Ordinal)];
        WeightsHash = weights.Length == 0 ? null : Hex(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', weights))));
    }

    /// <summary>The folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>What the bundle holds.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>SHA-256 of the manifest, which in turn holds the hashes of the files. Lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>
    /// SHA-256 of the hashes of the checkpoint's weight files, or null where the bundle refers to none. The same for every bundle of a
    /// checkpoint, whatever its shards and devices, but for those with quantised weights, which are others. Lower-case hex.
    /// </summary>
    public string? WeightsHash { get; }

    /// <summary>Every file that the bundle is made of: its manifest, and what that lists, here or where the weights lie.</summary>
    public IEnumerable<string> Paths => Manifest.Files.Select(file => BundleFiles.PathOf(Folder, file)).Prepend(Path.Combine(Folder, BundleManifest.FileName));

    /// <summary>True where the folder holds a manifest.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, BundleManifest.FileName));

    /// <summary>Reads a bundle and checks every file against the manifest.</summary>
    /// <exception cref="BundleException">The folder or a file is missing, was changed, or the manifest contradicts itself.</exception>
    public static LensBundle Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
        {
            throw new BundleException($"There is no folder '{full}'. Give the folder that 'onnxlens export' wrote.");
        }

        if (!Exists(full))
        {
            throw new BundleException(
                $"'{full}' is no lens bundle: it has no {BundleManifest.FileName}. Make one with 'onnxlens export <checkpoint> --out <bundle>'.");
        }

        try
        {
            string name = Path.Combine(full, BundleManifest.FileName);
            byte[] json = PlainFile.ReadAllBytes(name);
            BundleManifest manifest = Parse(json, full);
            ManifestRules.Check(manifest, full);
            return new LensBundle(full, manifest, Hex(SHA256.HashData(json)), BundleFiles.Check(full, manifest));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"The bundle '{full}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a manifest.</summary>
    public static void WriteManifest(string folder, BundleManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        using FileStream stream = File.Create(Path.Combine(folder, BundleManifest.FileName));
        JsonSerializer.Serialize(stream, manifest, ManifestJson.Default.BundleManifest);
        stream.WriteByte((byte)'\n');
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Size and hash of a file, as the manifest lists it.</summary>
    /// <param name="folder">The bundle.</param>
    /// <param name="name">The file's name in it.</param>
    /// <param name="role">What it is for.</param>
    /// <param name="location">Where the file lies when it is not in the bundle.</param>
    public static FileEntry Describe(string folder, string name, FileRole role, string? location = null)
    {
        string path = location ?? Path.Combine(folder, name);
        return new FileEntry
        {
            Name = name,
            Role = role,
            Location = location,
            Bytes = new FileInfo(path).Length,
            Sha256 = BundleFiles.HashOf(path),
            PartSha256 = BundleFiles.PartHashOf(path, role),
        };
    }

    /// <summary>Where a file of the bundle lies.</summary>
    public string PathOf(string name) => BundleFiles.PathOf(Folder, _files[name]);

    /// <summary>The checked bytes of a graph file.</summary>
    internal byte[] Graph(string name) => _graphs[name];

    internal static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash);

    private static BundleManifest Parse(byte[] json, string folder)
    {
        string path = Path.Combine(folder, BundleManifest.FileName);
        try
        {
            return ManifestReader.Read(json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new BundleException($"'{path}' cannot be read as a manifest: {exception.Message} Make the bundle again.", exception);
        }
    }
}
