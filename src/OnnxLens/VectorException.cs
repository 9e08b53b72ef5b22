namespace OnnxLens;

/// <summary>A file of steering vectors cannot be read: it is damaged, of an unknown or refused form, or does not hold vectors.</summary>
public sealed class VectorException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public VectorException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public VectorException(string message, Exception innerException) : base(message, innerException) { }
}
