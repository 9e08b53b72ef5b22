namespace OnnxLens.Cli.Models;

/// <summary>A file behind symbolic links: length and time of a link are its own, and say nothing of what is read through it.</summary>
internal static class RealFile
{
    /// <summary>The file that the last link points to, or the file itself where it is none.</summary>
    /// <exception cref="IOException">The links go in a circle, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The links may not be read.</exception>
    public static FileInfo Of(string path) => new(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
}
