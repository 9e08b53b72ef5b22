using System.Text.Json;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens instrument</c>, and <c>info</c>, <c>lens</c> and <c>sweep</c> on what other programs exported.</summary>
[TestClass]
public sealed partial class InstrumentCommandTests
{
    private const string Int4 = "golden/onnx/genai-int4-llama-gqa";
    private const string TinyHalf = "data/onnx/tiny-random-LlamaForCausalLM-fp16";

    private static string Readme => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"));

    [TestMethod]
    [DataRow(TinyHalf)]
    [DataRow(Int4)]
    public void Readme_WordsOnAnOnnxFolder_RunToTheSweep(string folder)
    {
        string source = SharedData.Require(folder);
        using var runner = new CliRunner();
        string[] lines = [.. OnnxCommand().Matches(Readme).Select(match => match.Value)];
        Assert.AreSequenceEqual(new[] { "info", "instrument", "lens", "sweep" }, lines.Select(line => line.Split(' ')[1]));
        foreach (string line in lines)
        {
            string[] words = [.. Word().Matches(line).Skip(1).Select(match => match.Value.Trim('"'))];
            runner.Invoke([.. words.Select(word => Placed(word, source, runner))]).Expect(ExitCodes.Done);
        }

        Assert.IsTrue(File.Exists(runner["out/onnx-sweep/summary.csv"]));
    }

    [TestMethod]
    public void Instrument_Folder_SaysWhereAndWhatWasChecked()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("instrument", SharedData.Require(Int4), "--out", runner["bundle"], "--shards", "2", "--check-tokens", "1,2,3,4").Expect(ExitCodes.Done);
        Assert.StartsWith(runner["bundle"] + ": 2 shard(s), fp32 over int4, blocks of 32, symmetric, accuracy level 4, up to 512 tokens, ", outcome.Out);
        Assert.Contains("note: checked against the graph: sites differ by at most 0, logits by at most ", outcome.Error);
        Assert.HasCount(2, LensBundle.Open(runner["bundle"]).Manifest.Shards);
        runner.Invoke("instrument", SharedData.Require(Int4), "--out", runner["bundle"]).ExpectError(ExitCodes.BadData, "exists already");
    }

    [TestMethod]
    public void Instrument_ProviderThatIsNotThere_IsRefusedBeforeAnythingIsRead()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("instrument", SharedData.Require(Int4), "--out", runner["bundle"], "--ep-library", runner["nowhere"]);
        outcome.ExpectError(ExitCodes.BadData, "There is no CUDA provider");
        Assert.DoesNotContain("reading the graph", outcome.Error);
        Assert.IsFalse(Directory.Exists(runner["bundle"]));
    }

    [TestMethod]
    public void Instrument_GraphOfAnotherDevice_SaysThatItWasNotRun()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("instrument", SharedData.Require("golden/onnx/genai-bf16-cuda-llama-gqa"), "--out", runner["bundle"]).Expect(ExitCodes.Done);
        Assert.Contains("note: not run, and so not checked: ", outcome.Error);
        Assert.Contains("note: the bundle is marked for cuda:0, ", outcome.Error);
        Assert.AreEqual("cuda:0", LensBundle.Open(runner["bundle"]).Manifest.Shards[0].Device);
        CliOutcome run = runner.Invoke("lens", runner["bundle"], "--tokens", "1,2");
        run.ExpectError(ExitCodes.BadData, "computes in bf16, for which the CPU has no operators");
        Assert.DoesNotContain("--devices cpu", run.Error);
        runner.Invoke("lens", runner["bundle"], "--tokens", "1,2", "--devices", "cpu").ExpectError(ExitCodes.BadData, "Leave '--devices cpu' out");
    }

    [TestMethod]
    [DataRow("golden/onnx/genai-fp32-exclude-lm-head-llama-gqa", "--lm-head")]
    [DataRow("golden/onnx/genai-fp32-exclude-embeds-llama-gqa", "--embedding")]
    public void Instrument_GraphWithoutAnEnd_AsksForItAndTakesIt(string folder, string option)
    {
        using var runner = new CliRunner();
        runner.Invoke("instrument", SharedData.Require(folder), "--out", runner["bundle"]).ExpectError(ExitCodes.BadData, option);
        Assert.IsFalse(Directory.Exists(runner["bundle"]));
        runner.Invoke("lens", SharedData.Require(folder), "--tokens", "1,2", "--quiet").ExpectError(ExitCodes.BadData, $"Instrument it first, and give the bundle: 'onnxlens instrument {SharedData.Require(folder)} --out bundle {option} ");
        string checkpoint = SharedData.Require("golden/hf/llama-gqa/checkpoint");
        runner.Invoke("instrument", SharedData.Require(folder), "--out", runner["bundle"], option, checkpoint).Expect(ExitCodes.Done);
        runner.Invoke("instrument", SharedData.Require(folder), "--out", runner["other"], option, checkpoint + ":model.norm.weight").ExpectError(ExitCodes.BadData, "[64]");
        runner.Invoke("instrument", SharedData.Require(Int4), "--out", runner["other"], option, checkpoint).ExpectError(ExitCodes.BadData, "Leave it out");
    }

    [TestMethod]
    [DataRow("no-such-folder", "There is no folder")]
    [DataRow("../shared/data/onnx/pipeline-model-tiny", "no LM head")]
    public void Instrument_WhatIsNoDecoder_IsRefusedAndLeavesNothing(string source, string fragment)
    {
        string path = source.StartsWith("../shared/", StringComparison.Ordinal) ? SharedData.Require(source["../shared/".Length..]) : source;
        using var runner = new CliRunner();
        Directory.CreateDirectory(runner["place"]);
        runner.Invoke("instrument", path, "--out", runner["place/bundle"]).ExpectError(ExitCodes.BadData, fragment);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(runner["place"]));
    }

    [TestMethod]
    [DataRow("--shards", "0")]
    [DataRow("--weights", "melt")]
    [DataRow("--devices", "tpu")]
    [DataRow("--check-tokens", "a")]
    [DataRow("--lm-head", "")]
    public void Instrument_OptionOutOfRange_IsAUsageError(string option, string value) =>
        Assert.AreEqual(ExitCodes.Usage, CliRunner.Run("instrument", "any", "--out", "bundle", option, value).Code);

    [TestMethod]
    public void Info_OnnxFolder_PrintsWhatWasFound()
    {
        string folder = SharedData.Require("golden/onnx/mobius-static-llama-gqa");
        string text = CliRunner.Run("info", folder).Expect(ExitCodes.Done).Out;
        Assert.Contains("cache             written by index, [batch, length, heads · width], fp32, 64 entries\n", text);
        Assert.Contains("inputs            input_ids (token ids), position_ids (positions), write_indices (write indices), nonpad_kv_seqlen (lengths)\n", text);
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("info", folder, "--json").Expect(ExitCodes.Done).Out);
        JsonElement onnx = json.RootElement.GetProperty("onnx");
        Assert.AreEqual("val_2", onnx.GetProperty("site_values").GetProperty("resid_mid.0").GetString());
        Assert.AreEqual(4 * 6 + 1, onnx.GetProperty("site_values").EnumerateObject().Count());
    }

    [TestMethod]
    public void Info_QuantisedOnnx_CountsTheBytesOfItsFiles()
    {
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("info", SharedData.Require(Int4), "--json").Expect(ExitCodes.Done).Out);
        JsonElement memory = json.RootElement.GetProperty("memory");
        Assert.AreEqual(json.RootElement.GetProperty("files").EnumerateArray().Sum(file => file.GetProperty("bytes").GetInt64()), memory.GetProperty("weights").GetInt64());
        Assert.IsLessThan(4 * memory.GetProperty("parameters").GetInt64(), memory.GetProperty("weights").GetInt64());
    }

    [TestMethod]
    public void Export_WhatIsAGraphAlready_SaysWhatToDoInstead()
    {
        using var runner = new CliRunner();
        string folder = SharedData.Require(Int4);
        runner.Invoke("export", folder, "--out", runner["x"]).ExpectError(ExitCodes.BadData, $"'onnxlens instrument {folder} --out bundle'");
        runner.Invoke("export", folder, "--out", runner["x"], "--layout", "genai").ExpectError(ExitCodes.BadData, "is an ONNX decoder, and no checkpoint");
        runner.Invoke("export", Models.LlamaBundle, "--out", runner["x"]).ExpectError(ExitCodes.BadData, "'--layout genai'");
    }

    [TestMethod]
    public void Lens_OnnxFolder_IsInstrumentedToTheCacheOnce()
    {
        string folder = SharedData.Require(Int4);
        using var runner = new CliRunner();
        CliOutcome first = runner.Invoke("lens", folder, "--tokens", "1,2,3").Expect(ExitCodes.Done);
        CliOutcome second = runner.Invoke("lens", folder, "--tokens", "1,2,3").Expect(ExitCodes.Done);
        Assert.Contains("is an ONNX decoder; instrumenting it to the cache", first.Error);
        Assert.Contains("is an ONNX decoder; using its bundle in the cache", second.Error);
        Assert.AreEqual(first.Out, second.Out);
    }

    /// <summary>The README's placeholders and paths, as they are here.</summary>
    private static string Placed(string word, string source, CliRunner runner) => word
        .Replace("path/to/onnx", source, StringComparison.Ordinal)
        .Replace("eval/", RepositoryRoot.Path + "/eval/", StringComparison.Ordinal) is var placed && placed.StartsWith("out/", StringComparison.Ordinal) ? runner[placed] : placed;

    [GeneratedRegex("^onnxlens (?:info|instrument|lens|sweep) (?:path/to/onnx|out/onnx).*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex OnnxCommand();

    [GeneratedRegex("\"[^\"]*\"|\\S+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
