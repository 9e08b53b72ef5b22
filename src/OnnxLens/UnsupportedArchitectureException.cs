namespace OnnxLens;

/// <summary>The checkpoint is well-formed, but of an architecture or with a feature that is not built.</summary>
public sealed class UnsupportedArchitectureException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public UnsupportedArchitectureException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public UnsupportedArchitectureException(string message, Exception innerException) : base(message, innerException) { }
}
