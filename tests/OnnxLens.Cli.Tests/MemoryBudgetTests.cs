using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Tests;

/// <summary>Runs that are given less memory than they would like.</summary>
[TestClass]
public sealed class MemoryBudgetTests
{
    private const int Generated = 40;

    private static readonly string Prompt = string.Join(',', Models.Llama.Tokens(30));

    /// <summary>The most memory that holds the run in a window only.</summary>
    private static string Tight(string positions)
    {
        ModelFacts facts = Models.Llama.Checkpoint.Architecture.Facts;
        var needs = new MemoryNeeds { PromptLength = 30, Length = 30 + Generated - 1, CapturedPoints = facts.Layers, Cells = (long)facts.Layers * PositionSelection.Parse(positions).Possible(30, 30 + Generated - 1).Length };
        var bundle = LensBundle.Open(Models.LlamaBundle);
        long budget = MemoryPlan.Make(bundle, needs, [], long.MaxValue).TotalBytes;
        while (!MemoryPlan.Make(bundle, needs, [], budget).IsWindowed)
        {
            budget -= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{budget / 1e3}KB");
    }

    [TestMethod]
    [DataRow("all")]
    [DataRow("last")]
    [DataRow("0,5-9,-3--1")]
    [DataRow("generated")]
    public void Lens_InAWindow_WritesTheFilesOfAWholeRun(string positions)
    {
        using var runner = new CliRunner();
        string[] lens = ["lens", Models.LlamaBundle, "--tokens", Prompt, "--generate", $"{Generated}", "--ignore-eos", "--positions", positions, "--csv"];
        CliOutcome whole = runner.Invoke([.. lens, runner["whole"]]).Expect(ExitCodes.Done);
        CliOutcome windowed = runner.Invoke([.. lens, runner["windowed"], "--memory-budget", Tight(positions)]).Expect(ExitCodes.Done);

        Assert.DoesNotContain("memory beyond the program", whole.Error);
        Assert.Contains("memory beyond the program with its weights, as planned: ", windowed.Error);
        Assert.Contains("at once, decoded and released while the run goes on", windowed.Error);
        Assert.AreEqual(whole.Out, windowed.Out);
        foreach (string file in (string[])["cells.csv", "topk.csv"])
        {
            Assert.AreEqual(File.ReadAllText(Path.Combine(runner["whole"], file)), File.ReadAllText(Path.Combine(runner["windowed"], file)), file);
        }
    }

    [TestMethod]
    public void Lens_TooLittle_SaysWhatItNeedsBeforeAnythingRuns()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("lens", Models.LlamaBundle, "--tokens", Prompt, "--csv", runner["out"], "--memory-budget", "1MiB").Expect(ExitCodes.BadData);
        Assert.Contains("beyond the weights at least, and 1 MiB may be used", outcome.Error);
        Assert.IsFalse(Directory.Exists(runner["out"]));
    }

    [TestMethod]
    public void Lens_ManyPrompts_StayWithinWhatTheLongestNeedsOrAreRefused()
    {
        using var runner = new CliRunner();
        string prompts = runner["prompts.jsonl"];
        File.WriteAllLines(prompts, Enumerable.Range(1, 40).Select(length => $"[{string.Join(',', Enumerable.Range(1, length))}]"));
        string[] lens = ["lens", Models.LlamaBundle, "--prompts", prompts, "--csv"];
        runner.Invoke([.. lens, runner["whole"]]).Expect(ExitCodes.Done);
        runner.Invoke([.. lens, runner["tight"], "--memory-budget", "23MiB"]).Expect(ExitCodes.Done);
        Assert.AreEqual(File.ReadAllText(runner["whole/cells.csv"]), File.ReadAllText(runner["tight/cells.csv"]));
        CliOutcome refused = runner.Invoke([.. lens, runner["none"], "--memory-budget", "20.01MiB"]).Expect(ExitCodes.BadData);
        Assert.Contains("A run of 40 position(s) needs", refused.Error);
        Assert.IsFalse(Directory.Exists(runner["none"]));
    }

    [TestMethod]
    public void Lens_Activations_KeepsThemAllOrRefuses()
    {
        using var runner = new CliRunner();
        string[] lens = ["lens", Models.LlamaBundle, "--tokens", Prompt, "--activations", runner["a.safetensors"], "--memory-budget"];
        Assert.DoesNotContain("at once", runner.Invoke([.. lens, "1GiB"]).Expect(ExitCodes.Done).Error);
        Assert.Contains("all of them at once", runner.Invoke([.. lens, "20.01MiB"]).Expect(ExitCodes.BadData).Error);
    }

    [TestMethod]
    [DataRow("5")]
    [DataRow("MiB")]
    [DataRow("-1MiB")]
    [DataRow("0GiB")]
    [DataRow("1e3MiB")]
    [DataRow("many GiB")]
    public void Budget_NoSize_IsRefused(string text) =>
        Assert.Contains("is no size", CliRunner.Run("lens", Models.LlamaBundle, "--tokens", "1", "--memory-budget", text).Expect(ExitCodes.Usage).Error);

    [TestMethod]
    public void Generate_WithABudget_Generates()
    {
        CliRunner.Run("generate", Models.LlamaBundle, "--tokens", Prompt, "--max-new-tokens", "3", "--memory-budget", "60MiB").Expect(ExitCodes.Done);
        Assert.Contains("beyond the weights at least", CliRunner.Run("generate", Models.LlamaBundle, "--tokens", Prompt, "--max-new-tokens", "3", "--memory-budget", "1MB").Expect(ExitCodes.BadData).Error);
    }

    [TestMethod]
    public void Info_Plan_NamesEveryPart()
    {
        CliOutcome outcome = CliRunner.Run("info", Models.LlamaBundle, "--plan", "--length", "100", "--prompt-length", "20").Expect(ExitCodes.Done);
        foreach (string part in (string[])["KV cache", "captures", "prefill", "LM head", "results", "other", "total"])
        {
            Assert.IsTrue(outcome.Lines.Any(line => line.StartsWith(part + " ", StringComparison.Ordinal)), part);
        }

        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("info", Models.LlamaBundle, "--plan", "--length", "100", "--json").Expect(ExitCodes.Done).Out);
        string[] bytes = ["cache_bytes", "capture_bytes", "prefill_bytes", "head_bytes", "result_bytes", "other_bytes"];
        Assert.AreEqual(bytes.Sum(name => json.RootElement.GetProperty(name).GetInt64()), json.RootElement.GetProperty("total_bytes").GetInt64());
        Assert.AreEqual(100, json.RootElement.GetProperty("window").GetInt32());
    }

    [TestMethod]
    [DataRow("--length", "10", "Give --plan too")]
    [DataRow("--memory-budget", "1GiB", "Give --plan too")]
    public void Info_PlanOptionsWithoutIt_AreRefused(string option, string value, string expected) =>
        Assert.Contains(expected, CliRunner.Run("info", Models.LlamaBundle, option, value).Expect(ExitCodes.Usage).Error);

    [TestMethod]
    public void Info_PlanOfWhatIsNone_IsRefused()
    {
        Assert.Contains("is a part", CliRunner.Run("info", Models.LlamaBundle, "--plan", "--length", "10", "--prompt-length", "11").Expect(ExitCodes.Usage).Error);
        Assert.Contains("export --dry-run", CliRunner.Run("info", Models.Llama.Folder, "--plan").Expect(ExitCodes.BadData).Error);
    }
}
