using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>What the README shows is what the program does.</summary>
[TestClass]
public sealed partial class ReadmeTests
{
    private static string Readme => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"));

    [TestMethod]
    public void Output_Stories_IsWhatTheReadmeShows()
    {
        CliOutcome outcome = CliRunner.Run("lens", Models.StoriesBundle, "--prompt", "Once upon a time", "--generate", "64", "--positions", "0-9").Expect(0);
        Assert.Contains("```text\n" + outcome.Out.TrimEnd('\n') + "\n```", Readme);
    }

    [TestMethod]
    public void Output_Stories_IsThePublishedStory()
    {
        string path = SharedData.Require("data/models/stories260K/golden_text.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        string story = document.RootElement.GetProperty("published_expected").GetString()!;
        CliOutcome outcome = CliRunner.Run("generate", Models.StoriesBundle, "--prompt", "Once upon a time", "--max-new-tokens", "64", "--json").Expect(0);
        using JsonDocument result = JsonDocument.Parse(outcome.Out);
        string text = "Once upon a time" + result.RootElement.GetProperty("text").GetString();
        Assert.StartsWith(text, story);
        Assert.AreEqual(64, result.RootElement.GetProperty("generated_ids").GetArrayLength());
    }

    [TestMethod]
    public void Steering_DemoModel_IsWhatTheReadmeShows()
    {
        using var runner = new CliRunner();
        runner.Invoke("vector", "extract", Models.DemoBundle, "--dataset", "bold=" + Repository("eval/datasets/bold-train.json"), "--out", runner["bold.safetensors"]).Expect(0);
        CliOutcome sweep = runner.Invoke(
            "sweep", Models.DemoBundle, "--dataset", Repository("eval/datasets/bold-test.json"), "--vector", runner["bold.safetensors"],
            "--text", Repository("eval/datasets/ordinary.jsonl"), "--out", runner["sweep"], "--plot", "svg").Expect(0);
        Assert.Contains("```text\n" + sweep.Out.TrimEnd('\n') + "\n```", Readme);
        foreach (string file in new[] { "samples.csv", "slopes.csv", "summary.csv", "curves.csv", "cost.csv" })
        {
            Assert.Contains($"| `{file}` |", Readme);
            Assert.Contains($"`{File.ReadLines(runner[$"sweep/{file}"]).First()}`", Readme);
        }

        File.WriteAllText(runner["prompt.txt"], "What do you do in the wild?\n\nChoices:\n (A) gamble\n (B) rest\n\nAnswer: (");
        string[] generate = ["generate", Models.DemoBundle, "--prompt-file", runner["prompt.txt"], "--max-new-tokens", "5"];
        Assert.Contains($"`{runner.Invoke([.. generate, "--steer", runner["bold.safetensors"] + "@mlp_in.3*2"]).Expect(0).Out.Trim()}`", Readme);
        Assert.Contains($"`{runner.Invoke(generate).Expect(0).Out.Trim()}`", Readme);
        runner.Invoke("gate", "--baseline", runner["baseline.json"], "--result", runner["sweep/summary.json"], "--update").Expect(0);
    }

    [TestMethod]
    public void Steering_Stories_IsWhatTheReadmeShows()
    {
        string caa = SharedData.Require("data/steering/CAA");
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke(
            "sweep", Models.StoriesBundle, "--dataset", "refusal-test=" + Path.Combine(caa, "test/refusal/test_dataset_ab.json"),
            "--extract", "refusal=" + Path.Combine(caa, "generate/refusal/generate_dataset.json"), "--layers", "3", "--out", runner["stories"]).Expect(0);
        Assert.Contains("```text\n" + outcome.Out.TrimEnd('\n') + "\n```", Readme);
    }

    [TestMethod]
    public void Drift_DemoModel_IsWhatTheReadmeShows()
    {
        using var runner = new CliRunner();
        string bundle = TestBundles.Of(Models.Demo);
        runner.Invoke("vector", "extract", bundle, "--dataset", "bold=" + Repository("eval/datasets/bold-train.json"), "--out", runner["bold.safetensors"]).Expect(0);
        runner.Invoke("export", Models.Demo, "--out", runner["bundle-int4"], "--precision", "int4").Expect(0);
        CliOutcome drift = runner.Invoke(
            "drift", bundle, runner["bundle-int4"], "--prompts", Repository("eval/datasets/ordinary.jsonl"),
            "--dataset", Repository("eval/datasets/bold-test.json"), "--vector", runner["bold.safetensors"], "--out", runner["drift"], "--plot", "svg").Expect(0);
        string shown = Readme[Readme.IndexOf("```text\nA: ", StringComparison.Ordinal)..];
        AssertSameWords(shown["```text\n".Length..shown.IndexOf("\n```\n", StringComparison.Ordinal)], drift.Out.Replace(runner["bundle-int4"], "out/bundle-int4", StringComparison.Ordinal).Replace(bundle, "out/bundle", StringComparison.Ordinal));
        foreach (string file in new[] { "drift.csv", "drift_positions.csv", "drift_slopes.csv", "drift_samples.csv" })
        {
            Assert.Contains($"| `{file}` |", Readme);
            Assert.Contains($"`{File.ReadLines(runner[$"drift/{file}"]).First()}`", Readme);
        }
    }

    [TestMethod]
    public void Commands_InTheReadme_HaveTheirOptions()
    {
        string[] commands = [.. Command().Matches(Readme).Select(match => match.Value)];
        Assert.IsGreaterThanOrEqualTo(6, commands.Length);
        foreach (string command in commands)
        {
            string[] words = command.Split(' ');
            string[] path = words[1] is "vector" or "dataset" ? words[1..3] : words[1..2];
            string help = CliRunner.Run([.. path, "--help"]).Expect(0).Out;
            foreach (string option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal)))
            {
                Assert.Contains(option + " ", help, command);
            }
        }
    }

    [TestMethod]
    public void Columns_InTheReadme_AreThoseOfTheFiles()
    {
        using var runner = new CliRunner();
        runner.Invoke("lens", Models.DemoBundle, "--prompt", "Anna comes from", "--target", " the", "--csv", runner["out"], "--quiet").Expect(0);
        foreach (string file in new[] { "cells.csv", "topk.csv", "targets.csv" })
        {
            Assert.Contains($"`{File.ReadLines(runner[$"out/{file}"]).First()}`", Readme);
        }
    }

    [TestMethod]
    public void Code_InTheReadme_Runs()
    {
        string code = Readme[(Readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length)..];
        string[] lines = [.. code[..code.IndexOf("```", StringComparison.Ordinal)].TrimEnd().Split('\n').Select(line => line.Trim())];
        string source = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/OnnxLens.Cli.Tests/ReadmeTests.cs"));
        foreach (string line in lines)
        {
            Assert.Contains("        " + line + "\n", source, "the method below must hold the README's code");
        }

        using var runner = new CliRunner();
        string vector = runner["bold.safetensors"];
        VectorFile.Write(vector, [new SteeringVector(Site.MlpIn, new Dictionary<int, ImmutableArray<float>> { [3] = [.. Enumerable.Repeat(0.1f, 64)] })]);
        LensGrid lens = RunCode(Models.DemoBundle, vector, [1, 2, 3]);
        Assert.HasCount(1, lens.Points);
    }

    /// <summary>The same words in the same order. Numbers may be a little other: what rounding makes is other from processor to processor.</summary>
    private static void AssertSameWords(string shown, string printed)
    {
        string[] expected = shown.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] actual = printed.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(expected.Length, actual, printed);
        foreach ((string word, string found) in expected.Zip(actual))
        {
            (double? number, double? other) = (Number(word), Number(found));
            Assert.IsTrue(word == found || Math.Abs((number - other) ?? double.NaN) <= 0.01 + (0.2 * Math.Abs(number ?? 0)), $"'{word}' and '{found}' in\n{printed}");
        }

        static double? Number(string word) => double.TryParse(word.Replace("1-", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private static string Repository(string path) => Path.Combine(RepositoryRoot.Path, path);

    private static LensGrid RunCode(string folder, string vectorFile, int[] prompt)
    {
        HookPoint[] points = [new(Site.ResidPost, 5)];
        ImmutableArray<float> bold = VectorFile.Read(vectorFile).At(Site.MlpIn).Layers[3];
        HookSpec hooks = new() { Capture = [.. points], Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 3), bold)] };
        using LensModel model = LensModel.Open(folder, new LensModelOptions { Capture = hooks.Capture });
        using ModelRun run = model.Begin(hooks, capacity: 256);
        GenerationResult text = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = 64 });
        run.RequireSteeringApplied();
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest { Points = [.. points], Positions = [.. Enumerable.Range(0, run.Captures.Length())] });
        Assert.IsGreaterThan(0, text.GeneratedIds.Length);
        return grid;
    }

    [GeneratedRegex("^onnxlens [a-z]+ .*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Command();
}
