namespace OnnxLens;

/// <summary>
/// The root of every error this program reports about its inputs: models, files, devices.
/// The message says what is wrong, where, what was expected and what to do about it.
/// Mistakes of the calling code are <see cref="ArgumentException"/> and its kin instead.
/// </summary>
public class OnnxLensException : Exception
{
    /// <summary>Creates the exception with a complete message.</summary>
    public OnnxLensException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public OnnxLensException(string message, Exception innerException) : base(message, innerException) { }
}
