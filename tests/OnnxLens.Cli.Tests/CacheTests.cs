using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
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
    public void Key_OfAnOnnxFolder_FollowsGraphsAndWeightsAndNothingElse()
    {
        using var runner = new CliRunner();
        string folder = Directory.CreateDirectory(runner["onnx"]).FullName;
        File.WriteAllText(Path.Combine(folder, "model.onnx"), "a graph");
        File.WriteAllText(runner["blob"], "weights");
        File.CreateSymbolicLink(Path.Combine(folder, "model.onnx.data"), runner["blob"]);
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        CheckpointKey before = CheckpointKey.Of(folder, []);

        File.WriteAllText(Path.Combine(folder, "corpus.txt"), "a text");
        File.WriteAllText(Path.Combine(folder, "lens.json"), "{}");
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        File.WriteAllText(Path.Combine(folder, "out", "cells.csv"), "result");
        Assert.AreEqual(before, CheckpointKey.Of(folder, []), "results and texts");
        Assert.AreNotEqual(before.Options, CheckpointKey.Of(folder, [], withProvider: true).Options, "what only a CUDA provider can check");

        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(folder, "model.onnx"));
        File.WriteAllText(Path.Combine(folder, "model.onnx"), "b graph");
        File.SetLastWriteTimeUtc(Path.Combine(folder, "model.onnx"), written);
        CheckpointKey graph = CheckpointKey.Of(folder, []);
        Assert.AreNotEqual(before.Content, graph.Content, "another graph of the same size and time");

        File.SetLastWriteTimeUtc(runner["blob"], written.AddMinutes(1));
        CheckpointKey weights = CheckpointKey.Of(folder, []);
        Assert.AreNotEqual(graph.Content, weights.Content, "the file behind a link");
        File.WriteAllText(Path.Combine(folder, "config.json"), "{ }");
        Assert.AreNotEqual(weights.Content, CheckpointKey.Of(folder, []).Content, "configuration");
        Assert.AreEqual(before.Place, weights.Place);
    }

    [TestMethod]
    public void Key_OfGraphsThatTheConfigurationNames_FollowsThem()
    {
        using var runner = new CliRunner();
        string folder = Directory.CreateDirectory(runner["onnx/decoder"]).Parent!.FullName;
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), """{"model":{"decoder":{"filename":"decoder/model.onnx"}}}""");
        File.WriteAllText(Path.Combine(folder, "decoder", "model.onnx"), "a graph");
        CheckpointKey before = CheckpointKey.Of(folder, []);
        File.WriteAllText(Path.Combine(folder, "decoder", "weights.bin"), "weights");
        Assert.AreNotEqual(before.Content, CheckpointKey.Of(folder, []).Content);
    }

    [TestMethod]
    public void Lens_CheckpointWithAStrayGraph_IsACheckpoint()
    {
        using var runner = new CliRunner();
        string checkpoint = Checkpoint(runner, seed: 1);
        File.WriteAllText(Path.Combine(checkpoint, "other.onnx"), "no graph");
        Assert.Contains("is a checkpoint; exporting it to the cache", Run(runner, checkpoint).Error);
        File.WriteAllText(Path.Combine(checkpoint, "model.onnx"), "no graph");
        runner.Invoke("lens", checkpoint, "--tokens", "1", "--quiet").ExpectError(ExitCodes.BadData, "cannot be read as an ONNX model");
    }

    [TestMethod]
    public void Lens_ExportThatWasCancelled_LeavesNothingInTheCache()
    {
        using var runner = new CliRunner();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.AreEqual(ExitCodes.Cancelled, runner.Invoke(cancelled.Token, "lens", Models.Llama.Folder, "--tokens", "1").Code);
        Assert.IsTrue(Directory.Exists(runner.CacheFolder), "it had begun to write");
        Assert.IsEmpty(Directory.GetFileSystemEntries(runner.CacheFolder));
    }

    [TestMethod]
    public void Lens_CacheThatCannotBeWritten_NamesTheVariableThatMovesIt()
    {
        using var runner = new CliRunner();
        File.WriteAllText(runner.CacheFolder, "a file in its place");
        CliOutcome outcome = runner.Invoke("lens", Models.Llama.Folder, "--tokens", "1", "--quiet");
        outcome.ExpectError(ExitCodes.BadData, "set XDG_CACHE_HOME to the absolute path of a folder that can be written, or make the bundle yourself with 'onnxlens export'");
        Assert.Contains(runner.CacheFolder, outcome.Error);
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
