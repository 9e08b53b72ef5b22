namespace OnnxLens.Onnx.Tests.Reading;

/// <summary>Finds fixtures, and the shared data that lies beside the repository.</summary>
internal static class TestPaths
{
    internal static string Root { get; } = FindRoot();

    internal static string Fixture(string name) => Path.Combine(Root, "tests", "fixtures", "onnx", name);

    /// <summary>The ONNX files of other exporters; the test is inconclusive when they are not there.</summary>
    internal static IReadOnlyList<string> SharedModels()
    {
        string shared = Path.Combine(Root, "..", "shared");
        string[] folders = [Path.Combine(shared, "golden", "onnx"), Path.Combine(shared, "data", "onnx")];
        string[] files = [.. folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            Assert.Inconclusive("The shared ONNX files (golden/onnx, data/onnx) are not on this machine.");
        }

        return files;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OnnxLens.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository root (OnnxLens.sln) was not found above the tests.");
    }
}
