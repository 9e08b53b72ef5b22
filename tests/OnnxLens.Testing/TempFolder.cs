namespace OnnxLens.Testing;

/// <summary>A folder of its own under the system's temporary folder. Owns it: disposing deletes it with all it holds.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>Creates an empty folder.</summary>
    public TempFolder() => Path = Directory.CreateTempSubdirectory("onnxlens-tests-").FullName;

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>The path of a file or folder within, which need not be there.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Deletes the folder and what it holds.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
