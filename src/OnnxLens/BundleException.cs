namespace OnnxLens;

/// <summary>A lens bundle is missing a file, was changed after it was written, or does not fit the request.</summary>
public sealed class BundleException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public BundleException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public BundleException(string message, Exception innerException) : base(message, innerException) { }
}
