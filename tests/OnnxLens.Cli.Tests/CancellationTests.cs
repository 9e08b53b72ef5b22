using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Reports.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>Ctrl-C during a generation ends it within a step, and what was done is written.</summary>
[TestClass]
public sealed class CancellationTests
{
    private const int LongRun = 30_000;

    [TestMethod]
    public void Lens_CancelledWhileGenerating_WritesWhatWasRun()
    {
        using var folder = new TempFolder();
        using var source = new CancellationTokenSource();

        // The progress line is said after a second; a run of this length goes on for many.
        using var error = new TriggerWriter("generating", source.Cancel);
        using var runner = new CliRunner { Error = error };
        CliOutcome outcome = runner.Invoke(
            source.Token, "lens", LongBundle(folder), "--tokens", "1,2,3", "--generate", $"{LongRun}", "--ignore-eos", "--positions", "prompt",
            "--json", runner["lens.json"], "--html", runner["lens.html"], "--activations", runner["a.safetensors"]);
        outcome.Expect(ExitCodes.Cancelled);
        Assert.Contains("cancelled after", outcome.Error);
        Assert.Contains("stopped by cancelled", outcome.Out);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(runner["lens.json"]));
        int tokens = json.RootElement.GetProperty("tokens").GetArrayLength();
        Assert.IsInRange(4, LongRun, tokens);
        Assert.AreSequenceEqual([0, 1, 2], LensPageRun.Read(runner["lens.html"]).Positions.ToArray());
        long rows = Safetensors.SafetensorsHeader.Read(runner["a.safetensors"]).Tensors["resid_post.0"].Shape[1];
        Assert.IsInRange(tokens - 1, tokens, rows);
    }

    [TestMethod]
    public void Lens_CancelledBeforeThePositionsAskedForWereRun_IsCancelled()
    {
        using var folder = new TempFolder();
        using var source = new CancellationTokenSource();
        using var error = new TriggerWriter("generating", source.Cancel);
        using var runner = new CliRunner { Error = error };
        CliOutcome outcome = runner.Invoke(
            source.Token, "lens", LongBundle(folder), "--tokens", "1,2,3", "--generate", $"{LongRun}", "--positions", $"{LongRun}", "--json", runner["lens.json"]);
        outcome.Expect(ExitCodes.Cancelled);
        Assert.AreEqual("", outcome.Out);
        Assert.EndsWith("cancelled\n", outcome.Error.ReplaceLineEndings("\n"));
        Assert.IsFalse(File.Exists(runner["lens.json"]));
    }

    [TestMethod]
    public void Export_Cancelled_LeavesNothing()
    {
        using var runner = new CliRunner();
        using var source = new CancellationTokenSource();
        source.Cancel();
        runner.Invoke(source.Token, "export", Models.Llama.Folder, "--out", runner["bundle"]).Expect(ExitCodes.Cancelled);
        Assert.IsFalse(LensBundle.Exists(runner["bundle"]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(runner[""]));
    }

    internal static string LongBundle(TempFolder folder)
    {
        RandomCheckpoint.Write(folder["checkpoint"], new RandomCheckpointOptions { Layers = 2, ContextLength = 32_768 });
        BundleExporter.Export(folder["checkpoint"], folder["bundle"], new ExportOptions { MaxLength = 32_768, Weights = WeightsMode.Reference });
        return folder["bundle"];
    }
}
