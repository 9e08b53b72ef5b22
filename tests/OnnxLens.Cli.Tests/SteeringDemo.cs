using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Steering;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>The demo model's datasets, and a vector extracted of them.</summary>
internal static class SteeringDemo
{
    /// <summary>The hidden size of the demo model.</summary>
    public const int HiddenSize = 64;

    private static readonly Lazy<TempFolder> Made = new(() =>
    {
        TempFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        CliRunner.Run("vector", "extract", Models.DemoBundle, "--dataset", Dataset("bold-train.json"), "--limit", "40", "--sites", "mlp_in,resid_post", "--layers", "2-4", "--out", folder["bold.safetensors"]).Expect(ExitCodes.Done);
        return folder;
    });

    /// <summary>The bundle in one shard.</summary>
    public static string Bundle => TestBundles.Of(Models.Demo);

    /// <summary>A vector of the trait 'bold', at mlp_in and resid_post of layers 2 to 4.</summary>
    public static string Bold => Made.Value["bold.safetensors"];

    /// <summary>A dataset of the repository.</summary>
    public static string Dataset(string name) => Path.Combine(RepositoryRoot.Path, "eval", "datasets", name);

    /// <summary>Writes a vector of equal values at mlp_in.</summary>
    public static string Write(string path, int layer, int size = HiddenSize, float value = 1)
    {
        VectorFile.Write(path, [new SteeringVector(Site.MlpIn, new Dictionary<int, ImmutableArray<float>> { [layer] = [.. Enumerable.Repeat(value, size)] })]);
        return path;
    }
}
