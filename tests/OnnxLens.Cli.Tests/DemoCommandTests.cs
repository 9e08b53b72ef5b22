using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens demo</c>.</summary>
[TestClass]
public sealed class DemoCommandTests
{
    [TestMethod]
    public void Demo_Out_ShowsTheAnswerEmergeAndWritesEverything()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("demo", "--out", runner["out"]).Expect(ExitCodes.Done);
        Assert.HasCount(2, LensBundle.Open(runner["out/bundle"]).Manifest.Shards);
        foreach (string file in new[] { "csv/cells.csv", "csv/topk.csv", "csv/targets.csv", "csv/provenance.json", "lens.json", "lens.html", "activations.safetensors", "bold.safetensors", "sweep/summary.csv", "sweep/summary.json" })
        {
            Assert.IsTrue(File.Exists(runner["out/" + file]), file);
            Assert.Contains(runner["out/" + file], outcome.Error.Replace('\\', '/'));
        }

        string[] top = outcome.Lines.First(line => line.StartsWith("L5", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] bottom = outcome.Lines.First(line => line.StartsWith("L0", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual("·Germany", top[^1]);
        Assert.AreNotEqual("·Germany", bottom[^1]);
        Assert.Contains("generated:  Germany", outcome.Out);
        Assert.Contains("bold on bold-test, best of 4 at mlp_in.3: works: slope 1.61 [1.58, 1.64]", outcome.Out);
        string[] answers = [.. outcome.Lines.Where(line => line.Contains("choice)", StringComparison.Ordinal))];
        Assert.HasCount(3, answers);
        Assert.StartsWith("  bold × 2   A brave choice)", answers[0]);
        Assert.StartsWith("  bold × -2  B wary choice)", answers[2]);
        Assert.Contains($"open {runner["out/lens.html"]} in a browser", outcome.Out.Replace('\\', '/'));
        Assert.Contains("<svg", File.ReadAllText(runner["out/sweep/slopes-bold-on-bold-test.svg"]));
        runner.Invoke("demo", "--out", runner["out"]).ExpectError(ExitCodes.BadData, "is not empty");
    }

    [TestMethod]
    public void Demo_Files_AreThoseOfTheRepository()
    {
        using var folder = new TempFolder();
        DemoFiles.Unpack(folder.Path);
        string datasets = Path.Combine(RepositoryRoot.Path, "eval", "datasets");
        AssertSame(Directory.GetFiles(Models.Demo), folder["checkpoint"]);
        AssertSame([.. new[] { "bold-test.json", "bold-train.json", "ordinary.jsonl" }.Select(name => Path.Combine(datasets, name))], folder["datasets"]);
    }

    [TestMethod]
    public void Demo_FolderThatCannotBeWritten_IsBadData()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["checkpoint"], "a file in the way");
        OutputException refused = Assert.ThrowsExactly<OutputException>(() => DemoFiles.Unpack(folder.Path));
        Assert.Contains("checkpoint", refused.Message);
    }

    private static void AssertSame(string[] originals, string unpacked)
    {
        Assert.AreSequenceEqual(originals.Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray(), Directory.GetFiles(unpacked).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        foreach (string original in originals)
        {
            Assert.AreSequenceEqual(File.ReadAllBytes(original), File.ReadAllBytes(Path.Combine(unpacked, Path.GetFileName(original))));
        }
    }
}
