using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>The demo's slopes are those of <c>eval/baselines/demo.json</c>, by the commands that <c>eval/README.md</c> shows.</summary>
[TestClass]
public sealed class DemoGateTests
{
    private static readonly string[] Traits = ["bold", "cheerful", "sweet", "tidy"];

    [TestMethod]
    public void Gate_DemoVectorsOnDemoDatasets_HoldTheBaseline()
    {
        using var runner = new CliRunner();
        foreach (string trait in Traits)
        {
            runner.Invoke("vector", "extract", Models.DemoBundle, "--dataset", Eval($"datasets/{trait}-train.json"), "--out", runner[$"{trait}.safetensors"], "--quiet").Expect(ExitCodes.Done);
        }

        Sweep(runner, "sweep", trait => trait);
        runner.Invoke("gate", "--baseline", Eval("baselines/demo.json"), "--result", runner["sweep/summary.json"], "--junit", runner["gate.xml"]).Expect(ExitCodes.Done);

        // Vectors under each other's names: what should rise does not.
        Directory.CreateDirectory(runner["wrong"]);
        for (int i = 0; i < Traits.Length; i++)
        {
            File.Copy(runner[$"{Traits[i]}.safetensors"], runner[$"wrong/{Traits[(i + 1) % Traits.Length]}.safetensors"]);
        }

        Sweep(runner, "wrong-sweep", trait => $"wrong/{trait}");
        CliOutcome outcome = runner.Invoke("gate", "--baseline", Eval("baselines/demo.json"), "--result", runner["wrong-sweep/summary.json"]);
        Assert.AreEqual(ExitCodes.GateFailed, outcome.Code, outcome.Out);
    }

    private static void Sweep(CliRunner runner, string folder, Func<string, string> vectorOf) => runner.Invoke(
    [
        "sweep", Models.DemoBundle,
        .. Traits.SelectMany(trait => new[] { "--dataset", Eval($"datasets/{trait}-test.json") }),
        .. Traits.SelectMany(trait => new[] { "--vector", runner[$"{vectorOf(trait)}.safetensors"] }),
        "--layers", "2-3", "--controls", "0", "--out", runner[folder], "--quiet",
    ]).Expect(ExitCodes.Done);

    private static string Eval(string file) => Path.Combine(RepositoryRoot.Path, "eval", file);
}
