using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnnxLens.Eval.Datasets;

/// <summary>Hashes of texts and of sets of rows, and numbers drawn by hash: the same on every machine.</summary>
internal static class ContentHashing
{
    /// <summary>SHA-256, lower hex, over each text's length in bytes (64 bits, little endian) and its UTF-8.</summary>
    public static string OfTexts(params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256, lower hex, over the rows' hashes, sorted, a line each: the order of rows does not count, how often one occurs does.</summary>
    public static string OfRows(IEnumerable<string> hashes)
    {
        var lines = new StringBuilder();
        foreach (string hash in hashes.Order(StringComparer.Ordinal))
            lines.Append(hash).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    /// <summary>A number that a seed, a purpose and a key decide, uniform over all of 64 bits.</summary>
    public static ulong Draw(ulong seed, string purpose, string key)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{purpose}\n{seed}\n{key}");
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
