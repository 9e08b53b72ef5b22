namespace OnnxLens.Onnx;

/// <summary>An ONNX file or graph breaks the format, or an edit would break it.</summary>
public sealed class OnnxFormatException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public OnnxFormatException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public OnnxFormatException(string message, Exception innerException) : base(message, innerException) { }
}
