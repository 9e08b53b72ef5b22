namespace OnnxLens.Testing;

/// <summary>Where the repository lies, found from the folder that the tests run in.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The folder of <c>OnnxLens.sln</c>, absolute.</summary>
    /// <exception cref="DirectoryNotFoundException">No folder above the test's own holds the solution.</exception>
    public static string Path => Found.Value;

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "OnnxLens.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds OnnxLens.sln; run the tests from the build output inside the repository.");
    }
}
