using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests;

/// <summary>Where the demo model and its datasets lie in the repository.</summary>
internal static class DemoFiles
{
    public static string Checkpoint => Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");

    public static string Dataset(string name) => Path.Combine(RepositoryRoot.Path, "eval", "datasets", name);
}
