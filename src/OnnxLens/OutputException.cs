namespace OnnxLens;

/// <summary>A file of results could not be written: no space, no permission, or a path that cannot be a file. What was there before is still there.</summary>
public sealed class OutputException : OnnxLensException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The complete message.</param>
    /// <param name="path">The file that was to be written.</param>
    /// <param name="innerException">What the file system answered, where it did.</param>
    public OutputException(string message, string path, Exception? innerException = null)
        : base(message, innerException!) => Path = path;

    /// <summary>The file that was to be written.</summary>
    public string Path { get; }
}
