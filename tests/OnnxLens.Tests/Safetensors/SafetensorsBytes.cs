using System.Buffers.Binary;
using System.Text;

namespace OnnxLens.Tests.Safetensors;

/// <summary>Makes safetensors files by hand, sound or not, in a folder that goes with the test.</summary>
internal sealed class SafetensorsBytes : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onnxlens-");

    /// <summary>The folder.</summary>
    internal string Folder => _folder.FullName;

    /// <summary>A path in the folder.</summary>
    internal string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a file of the given header text and so many bytes of data.</summary>
    internal string File(string header, int dataBytes) => File(Encoding.UTF8.GetBytes(header), dataBytes);

    /// <summary>Writes a file of the given header and so many bytes of data.</summary>
    internal string File(byte[] header, int dataBytes) => File((ulong)header.Length, header, new byte[dataBytes]);

    /// <summary>Writes a file with a header length of its own.</summary>
    internal string File(ulong headerLength, byte[] header, byte[] data)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, headerLength);
        return Raw([.. prefix, .. header, .. data]);
    }

    /// <summary>Writes a file of just these bytes.</summary>
    internal string Raw(byte[] bytes)
    {
        string path = PathOf("made.safetensors");
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
