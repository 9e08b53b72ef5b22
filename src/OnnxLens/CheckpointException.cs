namespace OnnxLens;

/// <summary>A checkpoint (config.json, safetensors files) is missing something, contradicts itself, or cannot be trusted.</summary>
public sealed class CheckpointException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public CheckpointException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public CheckpointException(string message, Exception innerException) : base(message, innerException) { }
}
