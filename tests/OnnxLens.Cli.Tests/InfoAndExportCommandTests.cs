using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens export</c> and <c>onnxlens info</c>.</summary>
[TestClass]
public sealed class InfoAndExportCommandTests
{
    [TestMethod]
    public void Export_Checkpoint_WritesABundleAndSaysWhere()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("export", Models.Llama.Folder, "--out", runner["bundle"], "--devices", "cpu,cpu", "--max-length", "100", "--weights", "copy", "--precision", "fp32").Expect(ExitCodes.Done);
        Assert.StartsWith(runner["bundle"] + ": 2 shard(s), fp32, up to 100 tokens, ", outcome.Out);
        BundleManifest manifest = LensBundle.Open(runner["bundle"]).Manifest;
        Assert.HasCount(2, manifest.Shards);
        Assert.AreEqual(100, manifest.Model.MaxLength);
        Assert.IsTrue(manifest.Files.All(file => file.Location is null));
        runner.Invoke("export", Models.Llama.Folder, "--out", runner["bundle"]).ExpectError(ExitCodes.BadData, "exists already");
    }

    [TestMethod]
    public void Export_Quantised_SaysHowAndSoDoInfoAndResults()
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke(
            "export", Models.Llama.Folder, "--out", runner["bundle"], "--precision", "int8", "--block-size", "64", "--accuracy-level", "1", "--asymmetric", "--quantize", "all").Expect(ExitCodes.Done);
        Assert.StartsWith(runner["bundle"] + ": 1 shard(s), fp32 over int8, blocks of 64, asymmetric, accuracy level 1, up to 512 tokens, ", outcome.Out);
        Assert.Contains("30 to 45 times slower", outcome.Error);
        Assert.Contains("quantised         int8, blocks of 64, asymmetric, accuracy level 1\n", runner.Invoke("info", runner["bundle"]).Expect(ExitCodes.Done).Out);
        using JsonDocument info = JsonDocument.Parse(runner.Invoke("info", runner["bundle"], "--json").Expect(ExitCodes.Done).Out);
        runner.Invoke("lens", runner["bundle"], "--tokens", "1,2", "--csv", runner["out"]).Expect(ExitCodes.Done);
        using JsonDocument provenance = JsonDocument.Parse(File.ReadAllText(Path.Combine(runner["out"], "provenance.json")));
        foreach (JsonElement root in new[] { info.RootElement, provenance.RootElement })
        {
            Assert.AreEqual("fp32", root.GetProperty("precision").GetString());
            JsonElement form = root.GetProperty("quantization").EnumerateArray().Single();
            Assert.AreEqual(8, form.GetProperty("bits").GetInt32());
            Assert.AreEqual(64, form.GetProperty("block_size").GetInt32());
            Assert.IsFalse(form.GetProperty("symmetric").GetBoolean());
            Assert.AreEqual(1, form.GetProperty("accuracy_level").GetInt32());
        }
    }

    [TestMethod]
    public void Export_LayoutGenai_WritesOneFileOrAPipeline()
    {
        using var runner = new CliRunner();
        CliOutcome single = runner.Invoke("export", Models.Llama.Folder, "--out", runner["single"], "--layout", "genai").Expect(ExitCodes.Done);
        Assert.StartsWith(runner["single"] + ": model.onnx for onnxruntime-genai, fp32, up to 512 tokens, ", single.Out);
        CliOutcome pipeline = runner.Invoke("export", Models.LlamaBundle, "--out", runner["pipeline"], "--layout", "genai", "--weights", "copy").Expect(ExitCodes.Done);
        Assert.StartsWith(runner["pipeline"] + ": a pipeline of 3 graphs for onnxruntime-genai, ", pipeline.Out);
        Assert.IsTrue(File.Exists(runner["pipeline/genai_config.json"]));
        Assert.Contains("--layout <bundle|genai>", CliRunner.Run("export", "--help").Expect(ExitCodes.Done).Out);
        runner.Invoke("export", Models.Llama.Folder, "--out", runner["other"], "--layout", "gguf").ExpectError(ExitCodes.Usage, "Layouts are: bundle, genai");
        runner.Invoke("export", Models.Llama.Folder, "--out", runner["other"], "--layout", "genai", "--weights", "reference").ExpectError(ExitCodes.Usage, "--weights link");
    }

    [TestMethod]
    [DataRow("--shards", "5", "'shards' is 5; the model has 4 layers")]
    [DataRow("--max-length", "513", "513")]
    [DataRow("--devices", "cuda:64", "Device 'cuda:64' was asked for")]
    public void Export_OptionThatDoesNotFit_IsRefused(string option, string value, string fragment)
    {
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke("export", Models.Llama.Folder, "--out", runner["bundle"], option, value);
        outcome.ExpectError(ExitCodes.BadData, fragment);
        Assert.IsFalse(Directory.Exists(runner["bundle"]));
    }

    [TestMethod]
    public void Info_BundleJson_HasSizesMemoryAndHashes()
    {
        LensBundle bundle = LensBundle.Open(Models.LlamaBundle);
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("info", Models.LlamaBundle, "--json").Expect(ExitCodes.Done).Out);
        JsonElement root = json.RootElement;
        Assert.AreEqual("bundle", root.GetProperty("kind").GetString());
        Assert.AreEqual("llama", root.GetProperty("family").GetString());
        Assert.AreEqual(bundle.Hash, root.GetProperty("hash").GetString());
        Assert.AreSequenceEqual(Sites.All.Select(site => site.Name()).ToArray(), root.GetProperty("sites").EnumerateArray().Select(site => site.GetString()!).ToArray());
        Assert.AreEqual(2, root.GetProperty("shards").GetArrayLength());
        Assert.AreEqual(0, root.GetProperty("quantization").GetArrayLength());
        Assert.AreEqual(bundle.Manifest.Files.Length, root.GetProperty("files").GetArrayLength());
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("tokenizer").ValueKind);
        JsonElement memory = root.GetProperty("memory");

        // Embedding and head 2·320·64; per layer q and o 2·64·64, k and v 2·32·64, MLP 3·160·64, norms 2·64; final norm 64.
        Assert.AreEqual((2 * 320 * 64) + (4 * ((2 * 64 * 64) + (2 * 32 * 64) + (3 * 160 * 64) + (2 * 64))) + 64, memory.GetProperty("parameters").GetInt64());
        Assert.AreEqual(4 * memory.GetProperty("parameters").GetInt64(), memory.GetProperty("weights").GetInt64());
        Assert.AreEqual(2 * 4 * 2 * 16 * 4, memory.GetProperty("kv_cache_per_token").GetInt64());
        Assert.AreEqual(2 * 4 * 2 * 16 * 4 * 512, memory.GetProperty("kv_cache_at_max_length").GetInt64());
        Assert.AreEqual(64 * 4, memory.GetProperty("capture_per_hook_point_and_token").GetInt64());
    }

    [TestMethod]
    public void Info_CheckpointJson_SaysTheSameOfTheModel()
    {
        using JsonDocument checkpoint = JsonDocument.Parse(CliRunner.Run("info", Models.Llama.Folder, "--json").Expect(ExitCodes.Done).Out);
        using JsonDocument bundle = JsonDocument.Parse(CliRunner.Run("info", Models.LlamaBundle, "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("checkpoint", checkpoint.RootElement.GetProperty("kind").GetString());
        Assert.AreEqual("fp32", checkpoint.RootElement.GetProperty("weight_type").GetString());
        foreach (string name in new[] { "family", "layers", "hidden_size", "head_dim", "vocabulary_size", "max_length", "precision", "sites", "memory" })
        {
            Assert.AreEqual(bundle.RootElement.GetProperty(name).GetRawText(), checkpoint.RootElement.GetProperty(name).GetRawText(), name);
        }
    }

    [TestMethod]
    public void Info_Text_NamesEverythingAsked()
    {
        CliOutcome outcome = CliRunner.Run("info", Models.LlamaBundle).Expect(ExitCodes.Done);
        string[] names = ["bundle", "family", "layers", "hidden size", "attention", "vocabulary", "precision", "sites", "shard", "LM head", "tokenizer", "memory: weights", "memory: KV cache", "memory: capture", "memory: LM head", "bundle sha256", "file"];
        foreach (string name in names)
        {
            Assert.IsTrue(outcome.Lines.Any(line => line.StartsWith(name, StringComparison.Ordinal)), name);
        }

        Assert.Contains("1 KiB per token, 512 KiB for 512", outcome.Out);
    }

    [TestMethod]
    public void Info_TokenizerThatIsNotRead_IsSaid()
    {
        using var runner = new CliRunner();
        string folder = Directory.CreateDirectory(runner["checkpoint"]).FullName;
        foreach (string file in Directory.GetFiles(Models.Llama.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), """{"model": {"type": "Unigram"}}""");
        Assert.Contains("cannot be read: ", runner.Invoke("info", folder).Expect(ExitCodes.Done).Out);
        runner.Invoke("export", folder, "--out", runner["bundle"]).ExpectError(ExitCodes.BadData, "Unigram");
    }
}
