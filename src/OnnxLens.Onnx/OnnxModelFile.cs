using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Reads and writes ONNX files. Weights stored outside the file are not touched.</summary>
public static class OnnxModelFile
{
    /// <summary>Reads a model. Fields that are not known here are kept and written again.</summary>
    /// <exception cref="OnnxFormatException">The file is missing, unreadable, or no ONNX model.</exception>
    public static ModelProto Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxFormatException($"There is no ONNX file '{path}'. Check the path.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFormatException($"ONNX file '{path}' cannot be read: {cause.Message} A file of 2 GB or more must keep its weights in external data.", cause);
        }

        return Parse(bytes, path);
    }

    /// <summary>Reads a model from its bytes.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="OnnxFormatException">The bytes are no ONNX model.</exception>
    public static ModelProto Parse(ReadOnlySpan<byte> bytes, string name)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new OnnxFormatException($"'{name}' is no ONNX model, or is damaged ({cause.Message}). Fetch or export it again.", cause);
        }

        return model.Graph is not null
            ? model
            : throw new OnnxFormatException($"'{name}' holds no graph: it is empty, or no ONNX model. Fetch or export it again.");
    }

    /// <summary>Writes a model to the disk, replacing a file of that name.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ModelProto model)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(model);
        using FileStream stream = File.Create(path);
        model.WriteTo(stream);
        stream.Flush(flushToDisk: true);
    }
}
