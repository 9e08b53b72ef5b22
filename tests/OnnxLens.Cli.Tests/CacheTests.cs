using OnnxLens.Bundles;
using OnnxLens.Export.RandomCheckpoints;

namespace OnnxLens.Cli.Tests;

/// <summary>A checkpoint given where a bundle is expected is exported once, and again when it changes.</summary>
[TestClass]
public sealed class CacheTests
{
    [TestMethod]
    public void Lens_Checkpoint_IsExportedOnceAndSaidSo()
    {
        using var runner = new CliRunner();
        CliOutcome first = Run(runner, Models.Llama.Folder);
        Assert.Contains("is a checkpoint; exporting it to the cache", first.Error);
        string bundle = Bundles(runner).Single();
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(bundle, BundleManifest.FileName));
        CliOutcome second = Run(runner, Models.Llama.Folder);
        Assert.Contains("is a checkpoint; using its bundle in the cache", second.Error);
        Assert.AreEqual(first.Out, second.Out);
        Assert.AreEqual(bundle, Bundles(runner).Single());
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(Path.Combine(bundle, BundleManifest.FileName)));
    }

    [TestMethod]
    public void Lens_CheckpointThatChanged_ReplacesTheStaleBundle()
    {
        using var runner = new CliRunner();
        string checkpoint = Checkpoint(runner, seed: 1);
        CliOutcome before = Run(runner, checkpoint);
        string stale = Bundles(runner).Single();
        Directory.Delete(checkpoint, recursive: true);
        Checkpoint(runner, seed: 2);
        CliOutcome after = Run(runner, checkpoint);
        Assert.Contains("exporting it to the cache", after.Error);
        Assert.AreNotEqual(before.Out, after.Out);
        Assert.IsFalse(Directory.Exists(stale));
        Assert.HasCount(1, Bundles(runner));
    }

    [TestMethod]
    public void Lens_OtherDevices_HaveABundleOfTheirOwn()
    {
        using var runner = new CliRunner();
        CliOutcome one = Run(runner, Models.Llama.Folder);
        CliOutcome two = Run(runner, Models.Llama.Folder, "--devices", "cpu,cpu");
        Assert.AreEqual(one.Out, two.Out);
        Assert.HasCount(2, Bundles(runner));
    }

    [TestMethod]
    public void Lens_CachedBundleThatWasDamaged_IsMadeAgain()
    {
        using var runner = new CliRunner();
        CliOutcome first = Run(runner, Models.Llama.Folder);
        File.AppendAllText(Path.Combine(Bundles(runner).Single(), "lm_head.onnx"), "x");
        CliOutcome second = Run(runner, Models.Llama.Folder);
        Assert.Contains("exporting it to the cache", second.Error);
        Assert.AreEqual(first.Out, second.Out);
    }

    [TestMethod]
    public void Cache_Environment_SaysWhere()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "x"));
        Assert.AreEqual(Path.Combine(root, "onnxlens"), StandardFolders.Cache(name => name == "XDG_CACHE_HOME" ? root : null));
        string elsewhere = StandardFolders.Cache(name => name == "HOME" ? root : null);
        Assert.Contains("onnxlens", elsewhere);
        Assert.AreEqual(elsewhere, StandardFolders.Cache(name => name == "HOME" ? root : name == "XDG_CACHE_HOME" ? "relative" : null));
    }

    private static CliOutcome Run(CliRunner runner, string folder, params string[] more) =>
        runner.Invoke(["lens", folder, "--tokens", "1,2,3", .. more]).Expect(ExitCodes.Done);

    private static string[] Bundles(CliRunner runner) => [.. Directory.GetDirectories(runner.CacheFolder).SelectMany(Directory.GetDirectories)];

    private static string Checkpoint(CliRunner runner, ulong seed)
    {
        RandomCheckpoint.Write(runner["checkpoint"], new RandomCheckpointOptions { Seed = seed });
        return runner["checkpoint"];
    }
}
