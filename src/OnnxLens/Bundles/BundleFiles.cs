using System.Collections.Immutable;
using System.Security.Cryptography;
using OnnxLens.Safetensors;

namespace OnnxLens.Bundles;

/// <summary>Checks the files of a bundle against its manifest.</summary>
internal static class BundleFiles
{
    private const int BlockBytes = 1 << 20;
    private const int Parts = 16;
    private const int PartBytes = 64 << 10;

    public static bool IsSafetensors(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    public static string PathOf(string folder, FileEntry file) => file.Location ?? Path.Combine(folder, file.Name);

    /// <summary>The hash of what stands for a weight file on opening, or null where the whole is checked.</summary>
    public static string? PartHashOf(string path, FileRole role)
    {
        if (role != FileRole.Weights)
        {
            return null;
        }

        if (IsSafetensors(path))
        {
            return SafetensorsHeader.Read(path).Sha256;
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length <= FileEntry.WholeBytes)
        {
            return null;
        }

        byte[] parts = new byte[Parts * PartBytes];
        for (int i = 0; i < Parts; i++)
        {
            stream.Position = (long)((Int128)(stream.Length - PartBytes) * i / (Parts - 1));
            stream.ReadExactly(parts, i * PartBytes, PartBytes);
        }

        return LensBundle.Hex(SHA256.HashData(parts));
    }

    public static string HashOf(string path)
    {
        // Large blocks: with the small ones of HashData(Stream) reading costs more than hashing.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockBytes];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            hash.AppendData(block, 0, read);
        }

        return LensBundle.Hex(hash.GetHashAndReset());
    }

    /// <summary>Checks every file and returns the bytes of the graphs.</summary>
    public static ImmutableDictionary<string, byte[]> Check(string folder, BundleManifest manifest)
    {
        HashSet<string> graphNames = [.. manifest.Shards.Select(shard => shard.File), manifest.Head.File];
        var graphs = ImmutableDictionary.CreateBuilder<string, byte[]>();
        foreach (FileEntry file in manifest.Files)
        {
            string path = PathOf(folder, file);
            CheckSize(path, file);
            if (graphNames.Contains(file.Name))
            {
                byte[] bytes = File.ReadAllBytes(path);
                CheckHash(path, file.Sha256, LensBundle.Hex(SHA256.HashData(bytes)));
                graphs.Add(file.Name, bytes);
            }
            else if (file.PartSha256 is not null)
            {
                CheckHash(path, file.PartSha256, PartHash(path, file.Role) ?? HashOf(path));
            }
            else
            {
                CheckHash(path, file.Sha256, HashOf(path));
            }
        }

        return graphs.ToImmutable();
    }

    private static string? PartHash(string path, FileRole role)
    {
        try
        {
            return PartHashOf(path, role);
        }
        catch (CheckpointException exception)
        {
            throw new BundleException($"The weight file '{path}' was changed after the export: {exception.Message}", exception);
        }
    }

    private static void CheckSize(string path, FileEntry file)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new BundleException(file.Location is null
                ? $"The bundle's file '{path}' is missing. Make the bundle again."
                : $"The weight file '{path}', to which the bundle refers, is missing. Put it back, or make the bundle again (with '--weights copy' it holds its own).");
        }

        if (info.Length != file.Bytes)
        {
            throw new BundleException(
                $"'{path}' has {info.Length} bytes where the manifest lists {file.Bytes}: it was changed after the export. Make the bundle again.");
        }
    }

    private static void CheckHash(string path, string expected, string actual)
    {
        if (actual != expected)
        {
            throw new BundleException(
                $"'{path}' was changed after the export: its SHA-256 is {actual}, the manifest lists {expected}. Make the bundle again.");
        }
    }
}
