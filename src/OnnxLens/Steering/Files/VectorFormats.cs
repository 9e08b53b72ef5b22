namespace OnnxLens.Steering.Files;

/// <summary>Tells by its first bytes what a file is.</summary>
internal static class VectorFormats
{
    private const int ProbeBytes = 16;
    private const byte PickleProtocol = 0x80;
    private const byte NewestPickle = 5;

    private static readonly string[] PickleEndings = [".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin", ".ckpt"];

    /// <summary>The form of a file.</summary>
    /// <exception cref="VectorException">There is no such file, or it is a folder, empty, or a device.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static VectorFormat Tell(string path)
    {
        if (path.Length == 0)
        {
            throw new VectorException("The name of a vector file is empty. Give the path of a file.");
        }

        if (Directory.Exists(path))
        {
            throw new VectorException($"'{path}' is a folder. Give the vector file within it.");
        }

        if (!File.Exists(path))
        {
            throw new VectorException($"There is no vector file '{path}'. Give the path of a .safetensors, .gguf, .npz, .npy or .svec file.");
        }

        if (PlainFile.IsEmpty(path))
        {
            throw new VectorException($"The vector file '{path}' is empty: it is truncated, or a pipe or a device in place of a file. Make it again.");
        }

        Span<byte> start = stackalloc byte[ProbeBytes];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Tell(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)], Path.GetExtension(path).ToLowerInvariant());
    }

    /// <summary>What to say of a file that is not read.</summary>
    internal static VectorException Refuse(string path, VectorFormat format) => format == VectorFormat.Pickle
        ? new VectorException($"'{path}' is a Python pickle, and loading one runs whatever code it holds, so it is not read. Load it where you trust it, and save the arrays with safetensors (safetensors.numpy.save_file) or numpy.savez.")
        : new VectorException($"'{path}' is no file of vectors that is known by its first bytes. Expected safetensors, a GGUF control vector, numpy's .npz or .npy, or a .svec JSON object.");

    private static VectorFormat Tell(ReadOnlySpan<byte> start, string ending)
    {
        // A safetensors file begins with the length of its header, which may look like any other magic: it is asked first.
        if (start.Length > 8 && start[8] == (byte)'{' && start[4..8].IndexOfAnyExcept((byte)0) < 0)
        {
            return VectorFormat.Safetensors;
        }

        if (start.StartsWith("GGUF"u8))
        {
            return VectorFormat.Gguf;
        }

        if (start.StartsWith("PK\x3\x4"u8) || start.StartsWith("PK\x5\x6"u8))
        {
            return VectorFormat.Zip;
        }

        if (start.StartsWith(NpyArray.Magic))
        {
            return VectorFormat.Npy;
        }

        if ((start.Length > 1 && start[0] == PickleProtocol && start[1] <= NewestPickle) || PickleEndings.Contains(ending))
        {
            return VectorFormat.Pickle;
        }

        ReadOnlySpan<byte> text = (start.StartsWith("\uFEFF"u8) ? start[3..] : start).TrimStart(" \t\r\n"u8);
        return text.StartsWith("{"u8) ? VectorFormat.Json
            : ending switch
            {
                ".safetensors" => VectorFormat.Safetensors,
                ".gguf" => VectorFormat.Gguf,
                ".svec" => VectorFormat.Json,
                _ => VectorFormat.Unknown,
            };
    }
}
