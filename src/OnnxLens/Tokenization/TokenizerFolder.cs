using System.Security.Cryptography;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>The folder a tokenizer is read from; remembers which files decided its ids.</summary>
internal sealed class TokenizerFolder(string path)
{
    private readonly SortedDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>The folder's path.</summary>
    public string Path => path;

    /// <summary>Whether the file is there.</summary>
    public bool Has(string name) => File.Exists(System.IO.Path.Combine(path, name));

    /// <summary>Reads a file that decides ids: it counts for <see cref="Hash"/>.</summary>
    /// <exception cref="TokenizerException">The file cannot be read.</exception>
    public byte[] ReadDeciding(string name)
    {
        byte[] bytes = Read(name);
        _hashes[name] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return bytes;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="TokenizerException">The file cannot be read.</exception>
    public byte[] Read(string name)
    {
        try
        {
            return PlainFile.ReadAllBytes(System.IO.Path.Combine(path, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{name}: cannot be read from \"{path}\": {e.Message} Expected a readable file; check its rights and the disk.", e);
        }
    }

    /// <summary>
    /// SHA-256 of the deciding file, lower hex. Of several: SHA-256 of their lines
    /// <c>hash, two spaces, name, newline</c> in the order of names.
    /// </summary>
    public string Hash()
    {
        if (_hashes.Count == 1)
            return _hashes.Values.First();
        var lines = new StringBuilder();
        foreach ((string name, string hash) in _hashes)
            lines.Append(hash).Append("  ").Append(name).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }
}
