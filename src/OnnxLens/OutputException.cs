namespace OnnxLens;

/// <summary>A file of results could not be written: no space, no permission, or a path that cannot be a file. What was there before is still there.</summary>
public sealed class OutputException : OnnxLensException
{
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int DiskFullWindows = 112;

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The complete message.</param>
    /// <param name="path">The file that was to be written.</param>
    /// <param name="innerException">What the file system answered, where it did.</param>
    public OutputException(string message, string path, Exception? innerException = null)
        : base(message, innerException!) => Path = path;

    /// <summary>The file that was to be written.</summary>
    public string Path { get; }

    /// <summary>Acts on the file system, and says which path it refused and what to do about it.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void NameRefusals(string path, Action act)
    {
        ArgumentNullException.ThrowIfNull(act);
        try
        {
            act();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"Cannot write '{path}': {refusal.Message.TrimEnd('.')}. {Fix(refusal)}", path, refusal);
        }
    }

    private static string Fix(Exception refusal) => refusal switch
    {
        UnauthorizedAccessException => "Give a folder in which you may write.",
        PathTooLongException => "Give a shorter path.",
        _ when (refusal.HResult & 0xFFFF) is NoSpaceErrno or QuotaErrno or DiskFullWindows => "Free space on the disk, or write to another one.",
        _ => "Give a path on a disk that can be written.",
    };
}
