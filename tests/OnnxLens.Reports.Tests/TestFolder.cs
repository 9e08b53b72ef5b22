namespace OnnxLens.Reports.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onnxlens-");

    /// <summary>A path in the folder; without a name, the folder.</summary>
    internal string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Names of everything in the folder, sorted.</summary>
    internal string[] Names => [.. _folder.GetFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
