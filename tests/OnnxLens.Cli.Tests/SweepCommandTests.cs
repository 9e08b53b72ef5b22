using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens sweep</c>: what it writes and says.</summary>
[TestClass]
public sealed class SweepCommandTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Sweep_Out_HasEveryFileWithItsColumnsAndRows()
    {
        CliOutcome outcome = Sweep("--limit", "4", "--layers", "2-3", "--controls", "2", "--multipliers", "-1:1:0.5", "--out", _runner["out"]).Expect(ExitCodes.Done);

        AssertTable("samples.csv", "dataset,sample,split,letter,vector,site,layer,multiplier,positive_logit,negative_logit,propensity", 4 * 4 * 5);
        AssertTable("slopes.csv", "dataset,sample,vector,site,layer,slope,intercept,r2,spearman", 4 * 4);
        AssertTable("summary.csv", "dataset,vector,site,layer,samples,mean_slope,ci_low,ci_high,curve_slope,curve_r2,mean_spearman,anti_steerable,monotonic,control_slope_mean,control_slope_sd,kl,perplexity_ratio", 4);
        AssertTable("curves.csv", "dataset,vector,site,layer,multiplier,mean_propensity,ci_low,ci_high", 4 * 5);
        Assert.AreSequenceEqual(
            ["curves.csv", "provenance.json", "samples.csv", "slopes.csv", "summary.csv", "summary.json"],
            Directory.GetFiles(_runner["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
        Assert.Contains("bold on bold-test, steepest of 4 at ", outcome.Out);
        Assert.Contains($"wrote {_runner["out/summary.csv"]}\n", outcome.Error);

        using var provenance = JsonDocument.Parse(File.ReadAllBytes(_runner["out/provenance.json"]));
        JsonElement root = provenance.RootElement;
        Assert.AreEqual(LensBundle.Open(Models.DemoBundle).Hash, root.GetProperty("bundle_hash").GetString());

        JsonElement origin = root.GetProperty("origins").GetProperty("bold@mlp_in");
        VectorOrigin expected = VectorFile.Read(SteeringDemo.Bold).At(Site.MlpIn).Origin!;
        Assert.AreEqual((expected.Method, expected.Dataset, expected.DatasetHash), (origin.GetProperty("method").GetString(), origin.GetProperty("dataset").GetString(), origin.GetProperty("dataset_hash").GetString()));
        Assert.AreSequenceEqual(root.GetProperty("vectors").EnumerateObject().Select(vector => vector.Name).ToArray(), root.GetProperty("origins").EnumerateObject().Select(vector => vector.Name).ToArray());

        // 4 hook points, each with 2 controls, at 4 multipliers that are not 0, for 4 samples.
        Assert.AreEqual(4 * 3 * 4 * 4, root.GetProperty("additions_asked").GetInt64());
        Assert.AreEqual(4 * 3 * 4 * 4, root.GetProperty("additions_made").GetInt64());
    }

    [TestMethod]
    public void Sweep_Summary_IsWhatGateReads()
    {
        Sweep("--limit", "4", "--layers", "3", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        string[] gate = ["gate", "--baseline", _runner["baseline.json"], "--result", _runner["out/summary.json"]];
        Assert.Contains("wrote: 2 entries", _runner.Invoke([.. gate, "--update"]).Expect(ExitCodes.Done).Out);
        Assert.Contains("gate passed: 2 of 2 entries hold", _runner.Invoke(gate).Expect(ExitCodes.Done).Out);

        JsonNode summary = JsonNode.Parse(File.ReadAllText(_runner["out/summary.json"]))!;
        summary["summaries"]![0]!["mean_slope"] = 0.01;
        File.WriteAllText(_runner["out/summary.json"], summary.ToJsonString());
        Assert.Contains("FAILED", _runner.Invoke(gate).Expect(ExitCodes.GateFailed).Out);
    }

    [TestMethod]
    public void Sweep_OneShardAndTwo_HaveTheSameSlopes()
    {
        string[] options = ["--dataset", Data("bold-test.json"), "--vector", SteeringDemo.Bold, "--limit", "4", "--controls", "1", "--out"];
        _runner.Invoke(["sweep", SteeringDemo.Bundle, .. options, _runner["one"]]).Expect(ExitCodes.Done);
        _runner.Invoke(["sweep", Models.DemoBundle, .. options, _runner["two"]]).Expect(ExitCodes.Done);
        foreach (string file in new[] { "samples.csv", "summary.csv" })
        {
            Assert.AreEqual(File.ReadAllText(_runner[$"one/{file}"]), File.ReadAllText(_runner[$"two/{file}"]), file);
        }
    }

    [TestMethod]
    [DataRow("--multipliers -1.5:1.5:0.5", "-1.5 -1 -0.5 0 0.5 1 1.5")]
    [DataRow("--multipliers=-1.5:1.5:0.5", "-1.5 -1 -0.5 0 0.5 1 1.5")]
    [DataRow("--multipliers -1,1", "-1 1")]
    [DataRow("--multipliers 2,-0.1:0.1:0.1,0", "-0.1 0 0.1 2")]
    [DataRow("", "-1.5 -1 -0.5 0 0.5 1 1.5")]
    public void Sweep_Multipliers_AreThoseOfTheCurve(string option, string expected)
    {
        Sweep(["--limit", "2", "--layers", "3", "--sites", "mlp_in", "--controls", "0", "--out", _runner["out"], .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Expect(ExitCodes.Done);
        Assert.AreEqual(expected, string.Join(' ', Rows("curves.csv").Select(row => row[4])));
    }

    [TestMethod]
    public void Sweep_SingleSample_IsRefused() =>
        Sweep("--limit", "1", "--layers", "3", "--out", _runner["out"]).ExpectError(ExitCodes.BadData, "'bold-test' has a single sample");

    [TestMethod]
    public void Sweep_SingleQuestion_HasNoIntervalAndDecidesNothing()
    {
        CliOutcome outcome = Sweep("--limit", "2", "--layers", "3", "--sites", "mlp_in", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.Contains("undecided: ", outcome.Out);
        Assert.Contains("one question says nothing of others", outcome.Out);
        Assert.DoesNotContain("NaN", outcome.Out);
        string[] summary = Rows("summary.csv").Single();
        Assert.AreEqual("2", summary[4]);
        Assert.AreEqual((",", ",,,"), (string.Join(',', summary[6..8]), string.Join(',', summary[13..])));
        Assert.IsTrue(Rows("curves.csv").All(row => row[6].Length == 0 && row[7].Length == 0));
        string json = File.ReadAllText(_runner["out/summary.json"]);
        Assert.Contains("\"ci_low\": null", json);
        Assert.Contains("\"questions\": 1", json);
        Assert.Contains("\"verdict\": \"undecided\"", json);
        Assert.DoesNotContain("NaN", json);
    }

    [TestMethod]
    public void Sweep_VectorOfOtherWeights_IsRefusedUnlessWanted()
    {
        SteeringVector vector = VectorFile.Read(SteeringDemo.Bold).At(Site.MlpIn);
        VectorFile.Write(_runner["v.safetensors"], [new SteeringVector(vector.Site, vector.Layers, vector.Origin! with { BundleHash = "0123456789abcdef", WeightsHash = "89abcdef" })]);
        string[] sweep = ["sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", $"{_runner["v.safetensors"]}@mlp_in.3", "--controls", "0", "--limit", "2", "--out", _runner["out"]];
        _runner.Invoke(sweep).ExpectError(ExitCodes.BadData, "were made on other weights (bundle 0123456789ab)");
        Assert.IsFalse(Directory.Exists(_runner["out"]));
        Assert.Contains("were made on other weights", _runner.Invoke([.. sweep, "--other-model"]).Expect(ExitCodes.Done).Error);
    }

    [TestMethod]
    public void Sweep_ZeroVector_DoesNotWork()
    {
        string vector = SteeringDemo.Write(_runner["zero.safetensors"], layer: 3, value: 0);
        CliOutcome outcome = _runner.Invoke("sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", vector, "--limit", "12", "--controls", "2").Expect(ExitCodes.Done);
        Assert.Contains("zero on bold-test, mlp_in.3: does not work: ", outcome.Out);
        Assert.DoesNotContain("NaN", outcome.Out);
    }

    [TestMethod]
    public void Sweep_Text_MeasuresCostsAtMostOnSoManyTokens()
    {
        File.WriteAllText(_runner["long.txt"], string.Join(' ', Enumerable.Repeat("The cat sat on the mat.", 30)) + "\n\nThe dog.");
        File.WriteAllText(_runner["short.txt"], string.Join(' ', Enumerable.Repeat("The cat sat on the mat.", 30)));
        string[] options = ["--limit", "2", "--layers", "3", "--sites", "mlp_in", "--controls", "0", "--multipliers", "-1,2", "--text-tokens", "20", "--out", _runner["out"], "--text"];
        CliOutcome outcome = Sweep([.. options, _runner["long.txt"]]).Expect(ExitCodes.Done);
        Assert.Contains("KL", outcome.Out);

        // 1 is measured whether or not it is swept.
        AssertTable("cost.csv", "vector,site,layer,multiplier,kl,perplexity_ratio", 3);
        string[][] costs = Rows("cost.csv");
        Assert.AreSequenceEqual(["-1", "1", "2"], costs.Select(row => row[3]).ToArray());
        Assert.IsTrue(costs.All(row => double.Parse(row[4], CultureInfo.InvariantCulture) > 0));
        Assert.AreSequenceEqual(costs[1][4..], Rows("summary.csv").Single()[15..]);
        string first = File.ReadAllText(_runner["out/cost.csv"]);
        Sweep([.. options, _runner["short.txt"]]).Expect(ExitCodes.Done);
        Assert.AreEqual(first, File.ReadAllText(_runner["out/cost.csv"]));

        Sweep("--limit", "2", "--layers", "3", "--sites", "mlp_in", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.IsFalse(File.Exists(_runner["out/cost.csv"]));
    }

    [TestMethod]
    public void Sweep_Plot_DrawsSlopesAndACurve()
    {
        Sweep("--limit", "3", "--layers", "2-3", "--sites", "mlp_in", "--controls", "2", "--out", _runner["out"], "--plot", "svg", "--plot", "png", "--plot", "svg").Expect(ExitCodes.Done);
        string[] pictures = [.. Directory.GetFiles(_runner["out"]).Select(path => Path.GetFileName(path)).Where(name => name.EndsWith("svg", StringComparison.Ordinal) || name.EndsWith("png", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.AreSequenceEqual(["curve-bold-on-bold-test-mlp_in.3.png", "curve-bold-on-bold-test-mlp_in.3.svg", "slopes-bold-on-bold-test.png", "slopes-bold-on-bold-test.svg"], pictures);
        Assert.Contains("<svg", File.ReadAllText(_runner["out/slopes-bold-on-bold-test.svg"]));

        // What an earlier sweep drew is not taken for a part of this one; what is the user's stays.
        File.WriteAllText(_runner["out/slopes-notes.svg"], "mine");
        Sweep("--limit", "3", "--layers", "2-3", "--sites", "mlp_in", "--controls", "0", "--out", _runner["out"], "--plot", "svg").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(
            ["curve-bold-on-bold-test-mlp_in.3.svg", "slopes-bold-on-bold-test.svg", "slopes-notes.svg"],
            Directory.GetFiles(_runner["out"], "*.*g").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void Sweep_Html_WritesAPageWithAndWithoutAFolder()
    {
        string[] options = ["--limit", "3", "--layers", "3", "--sites", "mlp_in", "--controls", "2", "--html"];
        CliOutcome outcome = Sweep([.. options, _runner["new/page.html"]]).Expect(ExitCodes.Done);
        Assert.Contains($"wrote {_runner["new/page.html"]}\n", outcome.Error);
        string page = File.ReadAllText(_runner["new/page.html"]);
        Assert.StartsWith("<!doctype html>", page);
        Assert.Contains("<script type=\"application/vnd.onnxlens.run\">", page);

        Sweep([.. options, _runner["out/page.html"], "--out", _runner["out"]]).Expect(ExitCodes.Done);
        Assert.AreEqual(page, File.ReadAllText(_runner["out/page.html"]), "the same sweep gives the same page");
    }

    [TestMethod]
    public void Sweep_Split_TakesItsRows()
    {
        JsonArray rows = JsonNode.Parse(File.ReadAllText(Data("bold-test.json")))!.AsArray();
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i]!["split"] = i < 4 ? "mine" : "other";
        }

        File.WriteAllText(_runner["rows.json"], rows.ToJsonString());
        string[] command = ["sweep", Models.DemoBundle, "--dataset", _runner["rows.json"], "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "0", "--out", _runner["out"], "--split"];
        _runner.Invoke([.. command, "mine"]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["row0", "row1", "row2", "row3"], Rows("slopes.csv").Select(row => row[1]).ToArray());
        Assert.IsTrue(Rows("samples.csv").All(row => row[2] == "mine"));
        _runner.Invoke([.. command, "yours"]).ExpectError(ExitCodes.BadData, "has no split 'yours'");
    }

    [TestMethod]
    public void Sweep_TwoDatasetsAndTwoVectorsOfOneFile_AreToldApart()
    {
        Directory.CreateDirectory(_runner["a"]);
        Directory.CreateDirectory(_runner["b"]);
        File.Copy(Data("bold-test.json"), _runner["a/test.json"]);
        File.Copy(Data("sweet-test.json"), _runner["b/test.json"]);
        CliOutcome outcome = _runner.Invoke(
            "sweep", Models.DemoBundle, "--dataset", _runner["a/test.json"], "--dataset", "sweet=" + _runner["b/test.json"],
            "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--vector", $"{SteeringDemo.Bold}@mlp_in.2*2", "--controls", "1", "--limit", "2", "--out", _runner["out"]).Expect(ExitCodes.Done);
        string[][] summary = Rows("summary.csv");
        Assert.AreSequenceEqual(["test", "test", "sweet", "sweet"], summary.Select(row => row[0]).ToArray());
        Assert.AreSequenceEqual(["bold", "bold*2"], summary.Select(row => row[1]).Distinct().Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(4, outcome.Lines.Count(line => line.Contains("one question says nothing of others", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Sweep_VectorsOfOneNameInTwoFolders_AreToBeNamed()
    {
        Directory.CreateDirectory(_runner["a"]);
        Directory.CreateDirectory(_runner["b"]);
        string first = SteeringDemo.Write(_runner["a/v.safetensors"], layer: 3);
        string second = SteeringDemo.Write(_runner["b/v.safetensors"], layer: 3, value: 2);
        string[] sweep = ["sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--controls", "0", "--limit", "2", "--out", _runner["out"], "--vector", first];
        _runner.Invoke([.. sweep, "--vector", second]).ExpectError(ExitCodes.Usage, "as NAME=FILE");
        _runner.Invoke([.. sweep, "--vector", "other=" + second]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["v", "other"], Rows("summary.csv").Select(row => row[1]).ToArray());
    }

    [TestMethod]
    public void Sweep_ShareOfTheActivationsNorm_RunsWithControlsAndText()
    {
        CliOutcome outcome = _runner.Invoke(
            "sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", $"{SteeringDemo.Bold}@mlp_in.3*10%", "--controls", "2", "--limit", "12",
            "--text", SteeringDemo.Dataset("ordinary.jsonl"), "--text-tokens", "30").Expect(ExitCodes.Done);
        Assert.Contains("bold*10% on bold-test, mlp_in.3: works; perplexity × 1.00 at multiplier 1: slope ", outcome.Out);
    }

    [TestMethod]
    public void Sweep_Extract_MakesSavesAndComparesWithItsControls()
    {
        CliOutcome outcome = _runner.Invoke(
            "sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--extract", Data("bold-train.json"), "--held-out", Data("bold-validation.json"), "--layers", "3", "--limit", "12",
            "--controls", "3", "--save-vector", _runner["v.safetensors"], "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.StartsWith("point", outcome.Lines[0]);
        Assert.Contains("bold-train on bold-test, mlp_in.3: works: ", outcome.Out);
        Assert.Contains($"wrote {_runner["v.safetensors"]}", outcome.Error);
        Assert.AreEqual(12, VectorFile.Read(_runner["v.safetensors"]).Vectors.Single().Origin!.Pairs);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_runner["out/summary.json"]));
        Assert.AreEqual(12, json.RootElement.GetProperty("provenance").GetProperty("origins").GetProperty("bold-train@mlp_in").GetProperty("pairs").GetInt32());
        JsonElement summary = json.RootElement.GetProperty("summaries")[0];
        Assert.AreEqual(JsonValueKind.Number, summary.GetProperty("shuffled_slope").ValueKind);
        Assert.AreEqual(JsonValueKind.Number, summary.GetProperty("letter_vector_slope").ValueKind);

        _runner.Invoke("sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", _runner["v.safetensors"], "--limit", "12", "--controls", "3", "--out", _runner["again"]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(Rows("summary.csv").Single()[4..13], Rows("summary.csv", "again").Single()[4..13]);
        Assert.IsTrue(File.Exists(_runner["out/extraction.csv"]));
        _runner.Invoke("sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", _runner["v.safetensors"], "--limit", "2", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.IsFalse(File.Exists(_runner["out/extraction.csv"]));
    }

    [TestMethod]
    public void Sweep_PromptLongerThanTheModelTakes_IsLeftOutAndListed()
    {
        JsonArray rows = JsonNode.Parse(File.ReadAllText(Data("bold-test.json")))!.AsArray();
        rows[1]!["question"] = string.Concat(Enumerable.Repeat("The cat. ", 200)) + rows[1]!["question"];
        File.WriteAllText(_runner["rows.json"], new JsonArray([.. rows.Take(4).Select(row => row!.DeepClone())]).ToJsonString());
        CliOutcome outcome = _runner.Invoke("sweep", Models.DemoBundle, "--dataset", _runner["rows.json"], "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.Contains("rows: row1 (line 1) is left out: its label is token ", outcome.Error);
        Assert.Contains("and the model takes 256", outcome.Error);
        Assert.AreSequenceEqual(["row0", "row2", "row3"], Rows("slopes.csv").Select(row => row[1]).ToArray());
        Assert.Contains("\"rows\": 1", File.ReadAllText(_runner["out/provenance.json"]));
    }

    [TestMethod]
    public void Sweep_RefusalOnAStoryModel_DoesNotWork()
    {
        string data = Testing.SharedData.Require("data/steering/CAA/generate/refusal/generate_dataset.json");
        string test = Testing.SharedData.Require("data/steering/CAA/test/refusal/test_dataset_ab.json");
        CliOutcome outcome = _runner.Invoke("sweep", Models.StoriesBundle, "--dataset", test, "--extract", data, "--limit", "16", "--layers", "2", "--controls", "10").Expect(ExitCodes.Done);
        Assert.Contains("generate_dataset on test_dataset_ab, mlp_in.2: does not work: ", outcome.Out);
    }

    [TestMethod]
    public void Sweep_Checkpoint_IsExportedFirst()
    {
        CliOutcome outcome = _runner.Invoke("sweep", Models.Demo, "--dataset", Data("bold-test.json"), "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--limit", "2", "--controls", "0").Expect(ExitCodes.Done);
        Assert.Contains("is a checkpoint; exporting it to the cache", outcome.Error);
        Assert.AreEqual("", _runner.Invoke("sweep", Models.Demo, "--dataset", Data("bold-test.json"), "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--limit", "2", "--controls", "0", "--quiet").Expect(ExitCodes.Done).Error);
    }

    [TestMethod]
    public void Sweep_VectorCalledLikeAControl_IsNoControl()
    {
        string vector = SteeringDemo.Write(_runner["random:1.safetensors"], layer: 3);
        _runner.Invoke("sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", vector, "--limit", "2", "--controls", "0", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["random:1"], Rows("summary.csv").Select(row => row[1]).ToArray());
    }

    private static string Data(string name) => SteeringDemo.Dataset(name);

    private CliOutcome Sweep(params string[] more) => _runner.Invoke(["sweep", Models.DemoBundle, "--dataset", Data("bold-test.json"), "--vector", SteeringDemo.Bold, .. more]);

    private string[][] Rows(string file, string folder = "out") => [.. File.ReadAllLines(_runner[$"{folder}/{file}"]).Skip(1).Select(line => line.Split(','))];

    private void AssertTable(string file, string columns, int rows)
    {
        string[] lines = File.ReadAllLines(_runner[$"out/{file}"]);
        Assert.AreEqual(columns, lines[0]);
        Assert.HasCount(rows, lines[1..], file);
    }
}
