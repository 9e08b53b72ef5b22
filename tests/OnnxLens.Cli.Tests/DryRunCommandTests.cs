using System.Text.Json;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens export --dry-run</c>.</summary>
[TestClass]
public sealed class DryRunCommandTests
{
    [TestMethod]
    public void DryRun_ConfigAlone_PrintsThePlanAndWritesNothing()
    {
        using var runner = new CliRunner();
        string folder = ConfigAlone(runner);
        CliOutcome outcome = runner.Invoke("export", folder, "--dry-run", "--shards", "2", "--max-length", "100", "--device-memory", "0.001", "--bandwidth", "0.5").Expect(ExitCodes.Done);
        Assert.AreEqual("", outcome.Error);
        Assert.StartsWith($"dry run of        {folder}; nothing is written\n", outcome.Out);
        Assert.Contains("by config.json, as there are no .safetensors weights", outcome.Out);
        Assert.Contains("\nlength            100 tokens, one sequence\n", outcome.Out);

        // A shard of two layers: 2·43136 weights of 4 bytes, with the embedding 20480 more, which a step does not read; KV 2·2·2·16·100·4; captures 2·64·100·4.
        string[] rows = [.. outcome.Lines.Where(line => line.StartsWith("shard ", StringComparison.Ordinal))];
        Assert.AreSequenceEqual(["shard", "0", "cpu", "0-1", "417", "KiB", "50", "KiB", "50", "KiB", "50", "KiB", "-", "0.793"], Words(rows[0]));
        Assert.AreSequenceEqual(["shard", "1", "cpu", "2-3", "337", "KiB", "50", "KiB", "50", "KiB", "50", "KiB", "-", "0.793"], Words(rows[1]));
        Assert.Contains("a device of 0.001 GB (976.6 KiB) for each shard, the LM head beside the last:\n", outcome.Out);
        Assert.Contains("fits", outcome.Out);
        CliOutcome longer = runner.Invoke("export", folder, "--dry-run", "--shards", "2", "--max-length", "500", "--device-memory", "0.001").Expect(ExitCodes.Done);
        Assert.Contains("does not fit", longer.Out);
        Assert.IsTrue(outcome.Lines[^1].StartsWith("a decode step at 100 tokens reads ", StringComparison.Ordinal), outcome.Out);
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder).Length);
    }

    [TestMethod]
    public void DryRun_Json_SaysWhatInfoSaysOfTheBundle()
    {
        using JsonDocument info = JsonDocument.Parse(CliRunner.Run("info", Models.LlamaBundle, "--json").Expect(ExitCodes.Done).Out);
        using JsonDocument plan = JsonDocument.Parse(CliRunner.Run("export", Models.Llama.Folder, "--dry-run", "--shards", "2", "--json").Expect(ExitCodes.Done).Out);
        JsonElement root = plan.RootElement;
        Assert.AreEqual("plan", root.GetProperty("kind").GetString());
        Assert.IsTrue(root.GetProperty("has_weights").GetBoolean());
        foreach (string name in new[] { "family", "layers", "hidden_size", "intermediate_size", "heads", "kv_heads", "head_dim", "vocabulary_size", "context_length", "max_length", "tied_embedding", "precision", "quantization" })
        {
            Assert.AreEqual(info.RootElement.GetProperty(name).GetRawText(), root.GetProperty(name).GetRawText(), name);
        }

        foreach ((JsonElement written, JsonElement planned) in info.RootElement.GetProperty("shards").EnumerateArray().Zip(root.GetProperty("shards").EnumerateArray()))
        {
            foreach (string name in new[] { "file", "first_layer", "layer_count", "device" })
            {
                Assert.AreEqual(written.GetProperty(name).GetRawText(), planned.GetProperty(name).GetRawText(), name);
            }
        }

        JsonElement memory = info.RootElement.GetProperty("memory");
        JsonElement device = root.GetProperty("devices").EnumerateArray().Single().GetProperty("memory");
        foreach (string name in new[] { "weights", "kv_cache_at_max_length", "lm_head_call" })
        {
            Assert.AreEqual(memory.GetProperty(name).GetInt64(), device.GetProperty(name).GetInt64(), name);
        }

        Assert.AreEqual(memory.GetProperty("parameters").GetInt64(), root.GetProperty("parameters").GetInt64());
        Assert.AreEqual(memory.GetProperty("lm_head_rows").GetInt32(), root.GetProperty("lm_head").GetProperty("lm_head_rows").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("fit").ValueKind);
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("step").GetProperty("least_seconds").ValueKind);
    }

    [TestMethod]
    public void DryRun_PublicConfigJson_SaysWhatFitsAndHowFast()
    {
        string folder = Path.Combine(RepositoryRoot.Path, "model-export", "configs", "llama-3.1-70b");
        using JsonDocument json = JsonDocument.Parse(
            CliRunner.Run("export", folder, "--dry-run", "--devices", "cuda:0,cuda:1", "--max-length", "131072", "--device-memory", "80", "--bandwidth", "3350", "--json").Expect(ExitCodes.Done).Out);
        JsonElement root = json.RootElement;
        Assert.AreEqual(70_553_706_496, root.GetProperty("parameters").GetInt64());
        Assert.IsFalse(root.GetProperty("has_weights").GetBoolean());
        JsonElement fit = root.GetProperty("fit");
        Assert.AreEqual(80_000_000_000, fit.GetProperty("device_memory").GetInt64());

        // 141 GB of weights and 43 GB of cache are 92 GB for each of two; with 172 GB of captures it takes five, as layers are whole.
        Assert.IsFalse(fit.GetProperty("in_window").GetProperty("fits").GetBoolean());
        Assert.AreEqual(3, fit.GetProperty("in_window").GetProperty("least_devices").GetInt32());
        Assert.AreEqual(5, fit.GetProperty("whole").GetProperty("least_devices").GetInt32());
        JsonElement step = root.GetProperty("step");
        Assert.AreEqual(step.GetProperty("bytes").GetInt64() / 3.35e12, step.GetProperty("least_seconds").GetDouble(), 1e-12);
    }

    [TestMethod]
    public void DryRun_OfTheDocument_PrintsWhatItShows()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "scale.md"));
        string[] command = document.Split('\n').Single(line => line.StartsWith("onnxlens export ", StringComparison.Ordinal)).Split(' ')[1..];
        command[1] = Path.Combine(RepositoryRoot.Path, command[1]);
        string printed = CliRunner.Run(command).Expect(ExitCodes.Done).Out.Replace(RepositoryRoot.Path, "…", StringComparison.Ordinal);
        Assert.Contains($"```text\n{printed}```", document, printed);
    }

    [TestMethod]
    public void DryRun_LayerThatNoDeviceHolds_IsSaid()
    {
        CliOutcome outcome = CliRunner.Run(
            "export", Path.Combine(RepositoryRoot.Path, "model-export", "configs", "llama-3.1-70b"), "--dry-run", "--devices", "cuda:0", "--device-memory", "1").Expect(ExitCodes.Done);
        Assert.Contains("no number is enough, as one layer alone takes more", outcome.Out);
    }

    [TestMethod]
    public void DryRun_OutThatExists_IsLeftAlone()
    {
        using var runner = new CliRunner();
        Directory.CreateDirectory(runner["bundle"]);
        runner.Invoke("export", Models.Llama.Folder, "--out", runner["bundle"], "--weights", "copy", "--dry-run").Expect(ExitCodes.Done);
        Assert.IsEmpty(Directory.GetFileSystemEntries(runner["bundle"]));
    }

    [TestMethod]
    public void DryRun_ChoiceWithANote_SaysItUnlessQuiet()
    {
        string[] line = ["export", Models.Llama.Folder, "--dry-run", "--precision", "int8", "--accuracy-level", "1"];
        Assert.Contains("30 to 45 times slower", CliRunner.Run(line).Expect(ExitCodes.Done).Error);
        Assert.AreEqual("", CliRunner.Run([.. line, "--quiet"]).Expect(ExitCodes.Done).Error);
    }

    [TestMethod]
    [DataRow("--device-memory 0", "'--device-memory' is 0; it must be from 0.001")]
    [DataRow("--device-memory -8", "'--device-memory' is -8")]
    [DataRow("--device-memory 80GB", "'80GB' after '--device-memory' is no number")]
    [DataRow("--device-memory NaN", "'--device-memory' is NaN")]
    [DataRow("--bandwidth 0", "'--bandwidth' is 0")]
    [DataRow("--bandwidth Infinity", "'--bandwidth' is Infinity")]
    [DataRow("--bandwidth 1e300", "'--bandwidth' is 1e300; it must be from 0.001 to 1000000")]
    [DataRow("--shards 0", "'--shards' is 0")]
    [DataRow("--shards 2 --devices cpu,cpu,cpu", "3 devices were named for 2 shards")]
    [DataRow("--devices gpu", "'gpu' is no device")]
    [DataRow("--layout genai", "'--layout genai' is none")]
    public void DryRun_WrongOption_IsUsageError(string options, string fragment) =>
        CliRunner.Run(["export", Models.Llama.Folder, "--dry-run", .. options.Split(' ')]).ExpectError(ExitCodes.Usage, fragment);

    [TestMethod]
    [DataRow("--device-memory 80")]
    [DataRow("--bandwidth 1000")]
    [DataRow("--json")]
    public void Export_OptionOfAPlanWithoutOne_IsUsageError(string options)
    {
        using var runner = new CliRunner();
        runner.Invoke(["export", Models.Llama.Folder, "--out", runner["bundle"], .. options.Split(' ')]).ExpectError(ExitCodes.Usage, "belongs to a plan, and none is asked for. Add '--dry-run'");
        Assert.IsFalse(Directory.Exists(runner["bundle"]));
    }

    [TestMethod]
    [DataRow("--shards 5", "'shards' is 5; the model has 4 layers")]
    [DataRow("--max-length 513", "513")]
    [DataRow("--precision bf16", "bf16 on cpu")]
    public void DryRun_OptionThatDoesNotFitTheModel_IsBadData(string options, string fragment)
    {
        using var runner = new CliRunner();
        runner.Invoke(["export", ConfigAlone(runner), "--dry-run", .. options.Split(' ')]).ExpectError(ExitCodes.BadData, fragment);
    }

    [TestMethod]
    [DataRow("\"llama\"", "\"gpt2\"", "'gpt2'")]
    [DataRow("\"LlamaForCausalLM\"", "\"MambaForCausalLM\"", "'MambaForCausalLM', which is not built; expected one of LlamaForCausalLM")]
    [DataRow("\"dtype\": \"float32\"", "\"dtype\": null", "field 'dtype' is missing")]
    public void DryRun_ConfigThatIsNoModel_IsBadData(string from, string to, string fragment)
    {
        using var runner = new CliRunner();
        string folder = ConfigAlone(runner);
        string path = Path.Combine(folder, "config.json");
        string config = File.ReadAllText(path);
        Assert.Contains(from, config);
        File.WriteAllText(path, config.Replace(from, to, StringComparison.Ordinal));
        runner.Invoke("export", folder, "--dry-run").ExpectError(ExitCodes.BadData, fragment);
    }

    [TestMethod]
    public void DryRun_FolderWithoutConfig_IsBadData()
    {
        using var runner = new CliRunner();
        Directory.CreateDirectory(runner["empty"]);
        runner.Invoke("export", runner["empty"], "--dry-run").ExpectError(ExitCodes.BadData, "has no config.json");
        runner.Invoke("export", runner["nowhere"], "--dry-run").ExpectError(ExitCodes.BadData, "There is no folder");
        runner.Invoke("export", Models.LlamaBundle, "--dry-run").ExpectError(ExitCodes.BadData, "is a lens bundle");
    }

    private static string ConfigAlone(CliRunner runner)
    {
        string folder = Directory.CreateDirectory(runner["config"]).FullName;
        File.Copy(Path.Combine(Models.Llama.Folder, "config.json"), Path.Combine(folder, "config.json"));
        return folder;
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
