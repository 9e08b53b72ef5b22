using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OnnxLens.Reports.Tests;

/// <summary>A run of a page, read as docs/adr/0020-pages.md says, by nothing of the product.</summary>
internal sealed partial class PageContent
{
    private readonly byte[] _bytes;
    private readonly Dictionary<string, (string Type, int Offset, int Length)> _arrays = [];

    private PageContent(byte[] bytes)
    {
        _bytes = bytes;
        int length = MemoryMarshal.Read<int>(bytes);
        Header = JsonDocument.Parse(bytes.AsMemory(4, length)).RootElement;
        int offset = 4 + length;
        foreach (JsonElement array in Header.GetProperty("arrays").EnumerateArray())
        {
            offset = (offset + 7) / 8 * 8;
            (string type, int count) = (array.GetProperty("type").GetString()!, array.GetProperty("length").GetInt32());
            _arrays.Add(array.GetProperty("name").GetString()!, (type, offset, count));
            offset += count * (type == "f64" ? 8 : 4);
        }

        Assert.AreEqual((offset + 7) / 8 * 8, bytes.Length);
    }

    internal JsonElement Header { get; }

    internal IEnumerable<string> Names => _arrays.Keys;

    internal static string[] Texts(string html) => [.. Run().Matches(html).Select(match => match.Groups[1].Value)];

    internal static PageContent[] Read(string path) => [.. Texts(File.ReadAllText(path)).Select(Of)];

    internal static PageContent Of(string text) => new(Unpack(text));

    internal static byte[] Unpack(string text)
    {
        using var packed = new GZipStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The text of a run of these bytes.</summary>
    internal static string Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            stream.Write(bytes);
        return Convert.ToBase64String(packed.ToArray());
    }

    /// <summary>The text of a run whose header is another; the arrays stay.</summary>
    internal static string WithHeader(string text, Func<string, string> change)
    {
        byte[] bytes = Unpack(text);
        int length = MemoryMarshal.Read<int>(bytes);
        string old = Encoding.UTF8.GetString(bytes, 4, length);
        string json = change(old);
        Assert.AreNotEqual(old, json);
        byte[] header = Encoding.UTF8.GetBytes(json);
        return Pack([.. BitConverter.GetBytes(header.Length), .. header, .. new byte[-(4 + header.Length) & 7], .. bytes[((4 + length + 7) / 8 * 8)..]]);
    }

    /// <summary>An array, with the type that its header gives.</summary>
    internal T[] Array<T>(string name)
        where T : unmanaged
    {
        (string type, int offset, int length) = _arrays[name];
        Assert.AreEqual(typeof(T) == typeof(float) ? "f32" : typeof(T) == typeof(int) ? "i32" : "f64", type, name);
        return [.. MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(offset))[..length]];
    }

    [GeneratedRegex("<script type=\"application/vnd.onnxlens.run\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Run();
}
