using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace OnnxLens.Bench.Measuring;

/// <summary>A file of /proc that is read again and again without allocating. Owns its handle. Holds nothing where there is no such file.</summary>
internal sealed class ProcFile(string path) : IDisposable
{
    private readonly SafeFileHandle? _handle = File.Exists(path) ? File.OpenHandle(path) : null;
    private readonly byte[] _content = new byte[8192];

    /// <summary>The number behind a field's name; 0 where there is none.</summary>
    public long Read(ReadOnlySpan<byte> field)
    {
        if (_handle is null)
        {
            return 0;
        }

        ReadOnlySpan<byte> content = _content.AsSpan(0, RandomAccess.Read(_handle, _content, 0));
        int start = content.IndexOf(field);
        return start >= 0 && Utf8Parser.TryParse(content[(start + field.Length)..].TrimStart(" \t"u8), out long value, out _) ? value : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();
}
