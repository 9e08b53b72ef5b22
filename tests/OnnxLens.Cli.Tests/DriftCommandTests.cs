using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens drift</c>: what it writes and says.</summary>
[TestClass]
public sealed class DriftCommandTests : IDisposable
{
    private readonly CliRunner _runner = new();

    private static string Half => TestBundles.Of(Models.Demo, 1, Precision.Fp16);

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Drift_OneAndTwoShards_IsExactlyNone()
    {
        CliOutcome outcome = Drift(SteeringDemo.Bundle, Models.DemoBundle, "--sites", "all", "--dataset", SteeringDemo.Dataset("bold-test.json"), "--vector", SteeringDemo.Bold, "--limit", "4", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.Contains("A and B are equal at every point compared: activations in every bit, distributions exactly", outcome.Out);
        string[][] points = Table("drift.csv");
        Assert.HasCount(7 * 6, points);
        foreach (string[] row in points)
        {
            Assert.AreSequenceEqual(["0", "1", "1", "1", "0", "0", "0", "0", "1", "1"], row[3..13], "undefined, cosines, differences, KL, agreement, overlap");
            Assert.AreEqual((row[13], row[18], "0", "0"), (row[14], row[19], row[15], row[16]), "entropies and perplexities of both");
        }

        string[][] slopes = Table("drift_slopes.csv");
        Assert.HasCount(6, slopes);
        foreach (string[] row in slopes)
        {
            Assert.AreEqual(row[5], row[6]);
            Assert.AreSequenceEqual(["0", "0", "0", "1", "0"], row[7..]);
        }

        Assert.IsTrue(Table("drift_samples.csv").All(row => row[5] == row[6]));
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("each")]
    public void Drift_Fp32AndFp16_IsSmallAndNotNone(string extractIn)
    {
        CliOutcome outcome = Drift(
            SteeringDemo.Bundle, Half, "--dataset", SteeringDemo.Dataset("bold-test.json"), "--extract", "bold=" + SteeringDemo.Dataset("bold-train.json"), "--extract-in", extractIn,
            "--steer-layers", "2-3", "--limit", "12", "--out", _runner["out"], "--plot", "svg").Expect(ExitCodes.Done);
        foreach (string[] row in Table("drift.csv"))
        {
            Assert.IsInRange(0.9999, 1 - 1e-9, Number(row[4]));
            Assert.IsInRange(1e-10, 1e-3, Number(row[9]));
            Assert.AreEqual(Number(row[18]), Number(row[19]), 0.01 * Number(row[18]));
        }

        foreach (string[] row in Table("drift_slopes.csv"))
        {
            Assert.AreEqual(Number(row[5]), Number(row[6]), 0.01);
            Assert.AreNotEqual(row[5], row[6]);
            Assert.IsGreaterThan(0.999, Number(row[10]));
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(_runner["out/drift.json"]));
        JsonElement origin = json.RootElement.GetProperty("provenance");
        Assert.AreEqual(LensBundle.Open(SteeringDemo.Bundle).Hash, origin.GetProperty("a").GetProperty("bundle_hash").GetString());
        Assert.AreEqual("fp16", origin.GetProperty("b").GetProperty("precision").GetString());
        Assert.AreEqual(origin.GetProperty("a").GetProperty("tokenizer_hash").GetString(), origin.GetProperty("b").GetProperty("tokenizer_hash").GetString());
        JsonElement slopes = origin.GetProperty("slopes");
        string vectorA = slopes.GetProperty("vectors_a").GetProperty("bold@mlp_in").GetString()!;
        string vectorB = slopes.GetProperty("vectors_b").GetProperty("bold@mlp_in").GetString()!;
        Assert.AreEqual(extractIn == "a", vectorA == vectorB);
        Assert.AreSequenceEqual(
            ["drift-slopes-bold-on-bold-test.svg", "drift.csv", "drift.json", "drift.svg", "drift_positions.csv", "drift_samples.csv", "drift_slopes.csv"],
            Directory.GetFiles(_runner["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
        Assert.Contains($"wrote {_runner["out/drift.csv"]}\n", outcome.Error);
        Assert.Contains("model output (resid_post.5): KL ", outcome.Out);

        Drift(SteeringDemo.Bundle, Half, "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["drift.csv", "drift.json", "drift_positions.csv"], Directory.GetFiles(_runner["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void Drift_Html_WritesAPageWithAndWithoutAFolder()
    {
        CliOutcome outcome = Drift(SteeringDemo.Bundle, SteeringDemo.Bundle, "--html", _runner["new/page.html"]).Expect(ExitCodes.Done);
        Assert.Contains($"wrote {_runner["new/page.html"]}\n", outcome.Error);
        string page = File.ReadAllText(_runner["new/page.html"]);
        Assert.StartsWith("<!doctype html>", page);
        Assert.Contains("<script type=\"application/vnd.onnxlens.run\">", page);

        Drift(SteeringDemo.Bundle, SteeringDemo.Bundle, "--html", _runner["out/page.html"], "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.AreEqual(page, File.ReadAllText(_runner["out/page.html"]), "the same comparison gives the same page");
        Assert.IsTrue(File.Exists(_runner["out/drift.csv"]));
    }

    [TestMethod]
    public void Drift_QuantisedInOneAndTwoShards_IsFarFromFp32AndEqualAmongItself()
    {
        foreach (int shards in new[] { 1, 2 })
        {
            _runner.Invoke("export", Models.Demo, "--out", _runner[$"int4-{shards}"], "--precision", "int4", "--shards", $"{shards}", "--quiet").Expect(ExitCodes.Done);
        }

        CliOutcome outcome = Drift(SteeringDemo.Bundle, _runner["int4-1"], "--out", _runner["out"], "--plot", "svg").Expect(ExitCodes.Done);
        Assert.Contains($"B: {_runner["int4-1"]}, fp32 over int4, blocks of 32, symmetric, accuracy level 4; 1 shard on cpu", outcome.Out);
        Assert.IsTrue(Table("drift.csv").All(row => Number(row[4]) is > 0.9 and < 0.999 && Number(row[9]) is > 1e-3 and < 0.2));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_runner["out/drift.json"]));
        Assert.AreEqual(4, json.RootElement.GetProperty("provenance").GetProperty("b").GetProperty("quantization")[0].GetProperty("bits").GetInt32());
        Assert.AreEqual(0, json.RootElement.GetProperty("provenance").GetProperty("a").GetProperty("quantization").GetArrayLength());
        Assert.Contains("B (int4, 1 shard) against A (fp32, 1 shard)", File.ReadAllText(_runner["out/drift.svg"]));
        Assert.Contains("A and B are equal at every point compared", Drift(_runner["int4-1"], _runner["int4-2"]).Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Drift_SlopesOfOneSide_AreThoseOfTheSweep()
    {
        string[] swept = ["--dataset", SteeringDemo.Dataset("bold-test.json"), "--vector", SteeringDemo.Bold + "@mlp_in", "--limit", "6"];
        _runner.Invoke(["sweep", Half, .. swept, "--controls", "0", "--out", _runner["sweep"]]).Expect(ExitCodes.Done);
        Drift(SteeringDemo.Bundle, Half, [.. swept, "--out", _runner["out"]]).Expect(ExitCodes.Done);
        string[] expected = [.. File.ReadLines(_runner["sweep/summary.csv"]).Skip(1).Select(line => line.Split(',')[5])];
        double[] actual = [.. Table("drift_slopes.csv").Select(row => Number(row[6]))];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(Number(expected[i]), actual[i], 1e-12);
        }
    }

    [TestMethod]
    public void Drift_OneWeightChanged_SaysWhereItBegins()
    {
        string changed = ChangedCheckpoint.Write(Models.Llama.Folder, _runner["changed"], "model.layers.2.mlp.down_proj.weight", (_, value) => value * 1.05f);
        File.WriteAllText(_runner["ids.jsonl"], "[1,2,3,4]\n\n{\"tokens\":[5,6,7]}\n");
        CliOutcome outcome = _runner.Invoke("drift", Models.LlamaBundle, changed, "--prompts", _runner["ids.jsonl"], "--sites", "mlp_in,resid_post", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.Contains("A and B are equal up to mlp_in.2; drift begins at resid_post.2", outcome.Out);
        Assert.Contains("'" + changed + "' is a checkpoint; exporting it to the cache", outcome.Error);
        string[][] cells = Table("drift_positions.csv");
        Assert.HasCount(7 * 8, cells);
        Assert.AreSequenceEqual(["0", "0", "1", "1", "mlp_in", "0", "", "1", "0", "0"], cells[0][..10]);
    }

    [TestMethod]
    public void Drift_OfTwoModelsOfOneShape_SaysSo()
    {
        RandomCheckpoint.Write(_runner["other"], Models.Llama.Options with { Seed = 77 });
        File.WriteAllText(_runner["ids.jsonl"], "[1,2,3,4,5,6,7,8]\n");
        string[] prompts = ["--prompts", _runner["ids.jsonl"], "--out", _runner["out"]];
        CliOutcome outcome = _runner.Invoke(["drift", Models.LlamaBundle, _runner["other"], .. prompts]).Expect(ExitCodes.Done);
        Assert.Contains("A and B do not look like one model", outcome.Out);
        Assert.Contains($"A: {Models.LlamaBundle}, fp32; 2 shards on cpu", outcome.Out);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_runner["out/drift.json"]));
        Assert.AreEqual(_runner["other"], json.RootElement.GetProperty("provenance").GetProperty("b").GetProperty("folder").GetString());
        Assert.DoesNotContain("do not look like", _runner.Invoke(["drift", Models.LlamaBundle, TestBundles.Of(Models.Llama.Folder), .. prompts]).Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Drift_PlainLinesAndJson_AreTheSamePrompts()
    {
        File.WriteAllText(_runner["p.txt"], "Anna comes from\r\n\n  Tom has a drum.\n");
        File.WriteAllText(_runner["p.jsonl"], "{\"text\":\"Anna comes from\"}\n\"  Tom has a drum.\"\n");
        string plain = _runner.Invoke("drift", SteeringDemo.Bundle, Half, "--prompts", _runner["p.txt"]).Expect(ExitCodes.Done).Out;
        Assert.AreEqual(plain, _runner.Invoke("drift", SteeringDemo.Bundle, Half, "--prompts", _runner["p.jsonl"]).Expect(ExitCodes.Done).Out);
        Assert.Contains("2 prompts, ", plain);
    }

    [TestMethod]
    public void Drift_PositionsAndSites_AlwaysHasTheOutput()
    {
        File.WriteAllText(_runner["p.txt"], "Anna comes from\nTom has a drum\n");
        _runner.Invoke("drift", SteeringDemo.Bundle, Half, "--prompts", _runner["p.txt"], "--sites", "attn_out", "--layers", "1", "--positions", "last", "--top-k", "3", "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(["attn_out,1", "resid_post,5"], Table("drift.csv").Select(row => $"{row[0]},{row[1]}").ToArray());
        Assert.IsTrue(Table("drift_positions.csv").All(row => row[16].Length == 0), "nothing follows a prompt");
        Assert.AreSequenceEqual(["0", "", ""], Table("drift.csv")[0][17..], "so there is no perplexity");
    }

    [TestMethod]
    [DataRow(40)]
    [DataRow(80)]
    public void Drift_NarrowTerminal_FitsAndSaysWhatIsLeftOut(int width)
    {
        using var runner = new CliRunner { TerminalWidth = width };
        CliOutcome outcome = runner.Invoke("drift", SteeringDemo.Bundle, Half, "--prompts", Prompts(), "--quiet").Expect(ExitCodes.Done);
        Assert.IsTrue(outcome.Lines.All(line => line.Length <= width), outcome.Out);
        Assert.Contains("Left out, as the terminal is too narrow", outcome.Out);
    }

    [TestMethod]
    public void Drift_Cancelled_WritesNothing()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        CliOutcome outcome = _runner.Invoke(source.Token, "drift", SteeringDemo.Bundle, Half, "--prompts", Prompts(), "--out", _runner["out"]).Expect(ExitCodes.Cancelled);
        Assert.AreEqual(("", "cancelled\n"), (outcome.Out, outcome.Error));
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }

    /// <summary>A token that is broken breaks those after it, and none before.</summary>
    [TestMethod]
    public void Drift_NotFinite_IsNamed()
    {
        string changed = ChangedCheckpoint.Write(
            Models.Llama.Folder, _runner["changed"], "model.embed_tokens.weight", (i, value) => i / Models.Llama.Options.HiddenSize == 77 ? float.NaN : value);
        File.WriteAllText(_runner["ids.jsonl"], "[1,2,3]\n[4,77,5]\n");
        CliOutcome outcome = _runner.Invoke("drift", Models.LlamaBundle, changed, "--prompts", _runner["ids.jsonl"], "--out", _runner["out"]).Expect(ExitCodes.Done);
        Assert.Contains("B has values that are not finite in 8 of 24 cells, which are left out; the first at resid_post.0, prompt 1, position 1", outcome.Out);
        Assert.IsTrue(Table("drift.csv").All(row => row[2] == "4" && row[3] == "2"));
        Assert.DoesNotContain("are equal at every point", outcome.Out);
    }

    private string Prompts()
    {
        File.WriteAllLines(_runner["prompts.jsonl"], File.ReadLines(SteeringDemo.Dataset("ordinary.jsonl")).Take(4));
        return _runner["prompts.jsonl"];
    }

    private CliOutcome Drift(string a, string b, params string[] more) => _runner.Invoke(["drift", a, b, "--prompts", Prompts(), .. more]);

    private string[][] Table(string name) => [.. File.ReadLines(_runner[$"out/{name}"]).Skip(1).Select(line => line.Split(','))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
