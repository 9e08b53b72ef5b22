using OnnxLens.Bundles;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens demo</c>.</summary>
[TestClass]
public sealed class DemoCommandTests
{
    [TestMethod]
    public void Demo_Out_ShowsTheAnswerEmergeAndWritesEverything()
    {
        using var runner = new CliRunner { DemoFolder = Models.Demo };
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
    public void Demo_ModelNotThere_SaysWhereItShouldBe()
    {
        using var runner = new CliRunner { DemoFolder = Path.Combine(Path.GetTempPath(), "onnxlens-no-demo") };
        runner.Invoke("demo").ExpectError(ExitCodes.BadData, "onnxlens-no-demo");
    }
}
