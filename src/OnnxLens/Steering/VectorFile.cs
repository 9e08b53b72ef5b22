using OnnxLens.Bundles;
using OnnxLens.Steering.Files;

namespace OnnxLens.Steering;

/// <summary>Reads and writes files of steering vectors.</summary>
/// <remarks>
/// Written: safetensors, with fp32 tensors <c>{site}.{layer}</c> of shape [H]; and GGUF control vectors.
/// Read: these, <c>.npz</c> and <c>.npy</c> of numpy, and the <c>.svec</c> JSON of IBM's activation-steering.
/// What a file is, is told by its first bytes. Pickles are refused: loading one runs whatever it says.
/// </remarks>
public static class VectorFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the file may not say itself; null for the defaults.</param>
    /// <exception cref="VectorException">The file is missing, is of a form that is not read, is damaged, or holds no sound vectors; the message says where.</exception>
    public static VectorFileContent Read(string path, VectorReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return VectorFormats.Tell(path) switch
            {
                VectorFormat.Safetensors => SafetensorsVectors.Read(path),
                VectorFormat.Gguf => GgufVectors.Read(path),
                VectorFormat.Zip => NpzVectors.ReadArchive(path, options?.Site),
                VectorFormat.Npy => NpzVectors.ReadArray(path, options?.Site),
                VectorFormat.Json => SvecVectors.Read(path),
                VectorFormat format => throw VectorFormats.Refuse(path, format),
            };
        }
        catch (CheckpointException refusal)
        {
            throw new VectorException(refusal.Message, refusal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new VectorException($"'{path}' cannot be read: {failure.Message.TrimEnd('.')}. Check the file, or make it again.", failure);
        }
    }

    /// <summary>Writes vectors; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file; it ends with <c>.safetensors</c> or <c>.gguf</c>.</param>
    /// <param name="vectors">One vector for each site.</param>
    /// <exception cref="ArgumentException">There is no vector, or a site comes twice.</exception>
    /// <exception cref="SelectionException">The vectors have several hidden sizes, or the format cannot hold them: GGUF has <c>resid_post</c> only, and no layer 0.</exception>
    /// <exception cref="OutputException">The path ends with neither, or the file system refused.</exception>
    public static void Write(string path, IReadOnlyList<SteeringVector> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        VectorFormat format = WrittenFormat(path);
        SteeringVector[] ordered = [.. vectors.OrderBy(vector => vector.Site)];
        if (ordered.Length == 0 || ordered.DistinctBy(vector => vector.Site).Count() != ordered.Length)
        {
            throw new ArgumentException($"Expected one vector for each site; there are {ordered.Length}: {string.Join(", ", ordered.Select(vector => vector.Site.Name()))}.", nameof(vectors));
        }

        if (Array.Find(ordered, vector => vector.HiddenSize != ordered[0].HiddenSize) is SteeringVector other)
        {
            throw new SelectionException($"The vector at '{ordered[0].Site.Name()}' has {ordered[0].HiddenSize} values per layer, that at '{other.Site.Name()}' {other.HiddenSize}. Put vectors of one model into one file.");
        }

        if (format == VectorFormat.Gguf)
        {
            GgufVectors.Write(path, ordered);
        }
        else
        {
            SafetensorsVectors.Write(path, ordered);
        }
    }

    /// <summary>Refuses a path whose ending names no format that is written, before anything is done for it.</summary>
    /// <exception cref="OutputException">It ends with neither <c>.safetensors</c> nor <c>.gguf</c>.</exception>
    public static void RequireWritable(string path) => WrittenFormat(path);

    /// <summary>Refuses a path to whose format vectors at these hook points cannot be written, before they are made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="points">Where the vectors are.</param>
    /// <exception cref="OutputException">It ends with neither <c>.safetensors</c> nor <c>.gguf</c>.</exception>
    /// <exception cref="SelectionException">The format cannot hold them: GGUF has <c>resid_post</c> only, and no layer 0.</exception>
    public static void RequireWritable(string path, IReadOnlyList<HookPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (WrittenFormat(path) == VectorFormat.Gguf)
        {
            GgufVectors.RequireWritable(points);
        }
    }

    private static VectorFormat WrittenFormat(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".SAFETENSORS" => VectorFormat.Safetensors,
            ".GGUF" => VectorFormat.Gguf,
            _ => throw new OutputException($"Cannot write vectors to '{path}': its ending names no format that is written. Give a name that ends with .safetensors or .gguf.", path),
        };
    }
}
