using System.Text.Json;
using OnnxLens.Cli.Tests;
using OnnxLens.Docs.Tests.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests;

/// <summary>What the pages show of stories260K, a model that is not part of the repository, is what the program does.</summary>
[TestClass]
public sealed class StoriesTests
{
    private static string Bundle => TestBundles.Of(SharedData.Require("golden/stories260K-hf"));

    [TestMethod]
    public void Lens_Stories_IsWhatThePageShows()
    {
        CliOutcome outcome = CliRunner.Run("lens", Bundle, "--prompt", "Once upon a time", "--generate", "64", "--positions", "0-9").Expect(0);
        Assert.Contains("```text\n" + outcome.Out.TrimEnd('\n') + "\n```", DocPage.Of("docs/how-to/own-checkpoint.md").Text);
    }

    [TestMethod]
    public void Generate_Stories_IsThePublishedStory()
    {
        string path = SharedData.Require("data/models/stories260K/golden_text.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        string story = document.RootElement.GetProperty("published_expected").GetString()!;
        CliOutcome outcome = CliRunner.Run("generate", Bundle, "--prompt", "Once upon a time", "--max-new-tokens", "64", "--json").Expect(0);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        string text = "Once upon a time" + result.RootElement.GetProperty("text").GetString();
        Assert.StartsWith(text, story);
        Assert.AreEqual(64, result.RootElement.GetProperty("generated_ids").GetArrayLength());
    }

    [TestMethod]
    public void Sweep_Stories_IsWhatThePageShows()
    {
        string caa = SharedData.Require("data/steering/CAA");
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke(
            "sweep", Bundle, "--dataset", "refusal-test=" + Path.Combine(caa, "test/refusal/test_dataset_ab.json"),
            "--extract", "refusal=" + Path.Combine(caa, "generate/refusal/generate_dataset.json"), "--layers", "3", "--out", runner["stories"]).Expect(0);
        Assert.Contains("```text\n" + outcome.Out.TrimEnd('\n') + "\n```", DocPage.Of("docs/concepts.md").Text);
    }
}
