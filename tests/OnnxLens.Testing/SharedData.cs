namespace OnnxLens.Testing;

/// <summary>
/// Test data that is not part of the repository: the folder <c>shared</c> beside it.
/// A test that needs it is inconclusive where it is absent.
/// </summary>
public static class SharedData
{
    /// <summary>The path of a file or folder of the shared data, absolute, or null where it is not there.</summary>
    /// <param name="relative">The path below <c>shared</c>, with forward slashes.</param>
    public static string? Find(string relative)
    {
        ArgumentException.ThrowIfNullOrEmpty(relative);
        string path = Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", relative));
        return Path.Exists(path) ? path : null;
    }

    /// <summary>The path of a file or folder of the shared data, absolute.</summary>
    /// <param name="relative">The path below <c>shared</c>, with forward slashes.</param>
    /// <exception cref="AssertInconclusiveException">It is not there; the message names it.</exception>
    public static string Require(string relative) =>
        Find(relative) ?? throw new AssertInconclusiveException($"../shared/{relative} is not there.");
}
