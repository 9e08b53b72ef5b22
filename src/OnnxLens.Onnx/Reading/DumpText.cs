using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Names, quoted text and lists in a text dump.</summary>
internal static class DumpText
{
    private const int ListedItems = 16;
    private const int ListedBytes = 32;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A name as it is when it reads without doubt, else in quotes; <c>_</c> for no name.</summary>
    internal static string Name(string name)
    {
        if (name.Length == 0)
        {
            return "_";
        }

        bool isPlain = name is not ("_" or "→") && name.All(character => character is > ' ' and <= '~' && !",{}()[]=\"\\".Contains(character));
        return isPlain ? name : Quote(name);
    }

    /// <summary>Names with commas between them; <c>()</c> for none.</summary>
    internal static string Names(IReadOnlyCollection<string> names) => names.Count == 0 ? "()" : string.Join(", ", names.Select(Name));

    /// <summary>Text in double quotes; quotes, backslashes and what does not print are escaped.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029' =>
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Bytes as quoted text when they are UTF-8, else in hexadecimal; long ones by length and hash.</summary>
    internal static string Bytes(ByteString bytes)
    {
        try
        {
            return Quote(StrictUtf8.GetString(bytes.Span));
        }
        catch (DecoderFallbackException)
        {
            return bytes.Length <= ListedBytes ? $"0x{Convert.ToHexStringLower(bytes.Span)}" : $"{Hash(bytes.Span)}, {bytes.Length} bytes";
        }
    }

    /// <summary>A list in brackets; a long one by its first items, count and hash.</summary>
    internal static string List(IEnumerable<string> items)
    {
        string[] texts = [.. items];
        if (texts.Length <= ListedItems)
        {
            return $"[{string.Join(", ", texts)}]";
        }

        string hash = Hash(Encoding.UTF8.GetBytes(string.Join(',', texts)));
        return $"[{string.Join(", ", texts.Take(ListedItems))}, … {texts.Length} items, {hash}]";
    }

    /// <summary>Keys and values.</summary>
    internal static string Entries(IEnumerable<StringStringEntryProto> entries) =>
        string.Join(", ", entries.Select(entry => $"{Name(entry.Key)}={Name(entry.Value)}"));

    /// <summary>The first 8 bytes of the SHA-256, in hexadecimal.</summary>
    internal static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return $"sha256 {Convert.ToHexStringLower(hash[..8])}";
    }
}
