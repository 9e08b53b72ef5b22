using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Export.Genai;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Genai;

/// <summary>What the layout of onnxruntime-genai holds, and what is refused. That the library runs it is another project's test.</summary>
[TestClass]
public sealed class GenaiExporterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Export_EveryFixture_NamesTheModelAsItIs(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        ModelFacts facts = fixture.Checkpoint.Architecture.Facts;
        GenaiReport report = GenaiExporter.Export(fixture.Folder, _folder["genai"], new ExportOptions { MaxLength = 100 });
        Assert.AreSequenceEqual(new[] { "model.onnx" }, report.GraphFiles.ToArray());
        JsonElement model = Config("genai").GetProperty("model");
        Assert.AreEqual(facts.Family, model.GetProperty("type").GetString());
        Assert.AreEqual(facts.VocabularySize, model.GetProperty("vocab_size").GetInt32());
        Assert.AreEqual(100, model.GetProperty("context_length").GetInt32());
        JsonElement decoder = model.GetProperty("decoder");
        Assert.AreEqual(facts.HeadDim, decoder.GetProperty("head_size").GetInt32());
        Assert.AreEqual(facts.KvHeads, decoder.GetProperty("num_key_value_heads").GetInt32());
        Assert.AreEqual(facts.Layers, decoder.GetProperty("num_hidden_layers").GetInt32());
        Assert.AreEqual(facts.HeadDim % 16 != 0, decoder.GetProperty("inputs").TryGetProperty("position_ids", out _));
        Assert.AreEqual(100, Config("genai").GetProperty("search").GetProperty("max_length").GetInt32());
        Assert.IsEmpty(GenaiFolder.Check(report.Folder));
    }

    [TestMethod]
    public void Export_SeveralShards_ArePipelineStagesWithTheHeadLast()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen2");
        GenaiReport report = GenaiExporter.Export(fixture.Folder, _folder["genai"], new ExportOptions { Shards = 3 });
        Assert.AreSequenceEqual(new[] { "shard-0.onnx", "shard-1.onnx", "shard-2.onnx", "lm_head.onnx" }, report.GraphFiles.ToArray());
        JsonElement model = Config("genai").GetProperty("model");
        Assert.AreEqual("decoder-pipeline", model.GetProperty("type").GetString());
        JsonElement head = model.GetProperty("decoder").GetProperty("pipeline")[3].GetProperty("lm_head");
        Assert.IsTrue(head.GetProperty("is_lm_head").GetBoolean());
        Assert.AreEqual($"resid_post.{fixture.Options.Layers - 1}", head.GetProperty("inputs")[0].GetString());
        Assert.IsFalse(model.GetProperty("decoder").TryGetProperty("filename", out _));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Export_Graphs_KeepEverySiteAndSteeringInput(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        GenaiReport report = GenaiExporter.Export(fixture.Folder, _folder["genai"], new ExportOptions { Shards = shards });
        GraphProto[] graphs = [.. report.GraphFiles.Select(file => OnnxModelFile.Read(Path.Combine(report.Folder, file)).Graph)];
        foreach (ShardEntry shard in LensBundle.Open(TestBundles.Of(fixture.Folder)).Manifest.Shards)
        {
            foreach (string value in shard.Sites.Values) Assert.IsTrue(graphs.Any(graph => graph.Node.Any(node => node.Output.Contains(value))), value);
            foreach (string input in shard.Steer.Values) Assert.IsTrue(graphs.Any(graph => graph.Input.Any(i => i.Name == input) && graph.Initializer.Any(i => i.Name == input)), input);
        }
    }

    [TestMethod]
    public void Export_BundleOfOneShardOrTwo_GivesTheSameSingleFileValues()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen2");
        GenaiExporter.Export(TestBundles.Of(fixture.Folder), _folder["one"]);
        GenaiExporter.Export(TestBundles.Of(fixture.Folder, 2), _folder["two"], new ExportOptions { Shards = 1 });
        Assert.AreSequenceEqual(NodeNames("one"), NodeNames("two"));
    }

    [TestMethod]
    [DataRow(WeightsMode.Auto)]
    [DataRow(WeightsMode.Link)]
    [DataRow(WeightsMode.Copy)]
    public void Export_Weights_AreInTheFolder(WeightsMode mode)
    {
        string checkpoint = _folder["checkpoint"];
        RandomCheckpoint.Write(checkpoint, new RandomCheckpointOptions { MaxShardBytes = 200_000 });
        GenaiReport report = GenaiExporter.Export(checkpoint, _folder["genai"], new ExportOptions { Weights = mode });
        string[] weights = [.. Directory.GetFiles(checkpoint, "*.safetensors").Select(file => Path.GetFileName(file))];
        Assert.IsTrue(weights.All(name => File.Exists(_folder["genai/" + name])));
        Assert.AreEqual(mode == WeightsMode.Copy, report.BytesWritten > weights.Sum(name => new FileInfo(Path.Combine(checkpoint, name)).Length));
        Directory.Delete(checkpoint, recursive: true);
        Assert.IsEmpty(GenaiFolder.Check(report.Folder));
    }

    [TestMethod]
    public void Export_TokenizerFiles_AreCopiedOrMissed()
    {
        string demo = Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");
        GenaiReport with = GenaiExporter.Export(demo, _folder["with"]);
        Assert.IsTrue(File.Exists(_folder["with/tokenizer.json"]) && File.Exists(_folder["with/tokenizer_config.json"]));
        Assert.IsEmpty(with.Notes);
        GenaiReport without = GenaiExporter.Export(FixtureCheckpoints.Get("llama").Folder, _folder["without"]);
        Assert.IsTrue(without.Notes.Any(note => note.Contains("no tokenizer.json and no tokenizer_config.json", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Export_WeightsByReference_IsRefused() =>
        Refused("'--weights link' or '--weights copy'", FixtureCheckpoints.Get("llama").Folder, new ExportOptions { Weights = WeightsMode.Reference });

    [TestMethod]
    public void Export_ForCuda_IsRefused() =>
        Refused("'cuda:0' was asked for", FixtureCheckpoints.Get("llama").Folder, new ExportOptions { Devices = [Device.Parse("cuda:0")] });

    [TestMethod]
    public void Export_Bf16_IsRefused() =>
        Refused("bf16", FixtureCheckpoints.Get("llama").Folder, new ExportOptions { Precision = Precision.Bf16 });

    [TestMethod]
    public void Export_BundleWithOtherShardsOrLength_IsRefused()
    {
        string bundle = TestBundles.Of(FixtureCheckpoints.Get("llama").Folder, 2);
        Refused("the bundle has 2", bundle, new ExportOptions { Shards = 3 });
        Refused("The source is a bundle", bundle, new ExportOptions { MaxLength = 8 });
        Refused("The source is a bundle", bundle, new ExportOptions { Precision = Precision.Fp16 });
    }

    [TestMethod]
    public void Export_TargetExists_LeavesItAlone()
    {
        Directory.CreateDirectory(_folder["genai"]);
        File.WriteAllText(_folder["genai/mine.txt"], "mine");
        Assert.ThrowsExactly<OutputException>(() => GenaiExporter.Export(FixtureCheckpoints.Get("llama").Folder, _folder["genai"]));
        Assert.AreSequenceEqual(new[] { "mine.txt" }, Directory.GetFileSystemEntries(_folder["genai"]).Select(path => Path.GetFileName(path)).ToArray());
    }

    [TestMethod]
    public void Export_Cancelled_LeavesNothing()
    {
        using var source = new CancellationTokenSource();
        var progress = new Immediate(step =>
        {
            if (step.Contains("onnxruntime-genai", StringComparison.Ordinal)) source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => GenaiExporter.Export(FixtureCheckpoints.Get("llama").Folder, _folder["genai"], null, progress, source.Token));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public void Export_BundleWhoseShardNeedsAnotherInput_IsRefused()
    {
        string bundle = CopyOf(TestBundles.Of(FixtureCheckpoints.Get("llama").Folder));
        string file = Path.Combine(bundle, "shard-0.onnx");
        ModelProto model = OnnxModelFile.Read(file);
        model.Graph.Input.Add(model.Graph.Input.Single(input => input.Name == "input_ids").Clone());
        model.Graph.Input[^1].Name = "token_type_ids";
        NodeProto gather = model.Graph.Node.Single(node => node.Input.Contains("input_ids"));
        gather.Input[gather.Input.IndexOf("input_ids")] = "token_type_ids";
        OnnxModelFile.Write(file, model);
        BundleManifest manifest = LensBundle.Open(TestBundles.Of(FixtureCheckpoints.Get("llama").Folder)).Manifest;
        LensBundle.WriteManifest(bundle, manifest with
        {
            Files = [.. manifest.Files.Select(entry => entry.Name == "shard-0.onnx" ? LensBundle.Describe(bundle, entry.Name, entry.Role) : entry)],
        });
        BundleException exception = Assert.ThrowsExactly<BundleException>(() => GenaiExporter.Export(bundle, _folder["genai"]));
        Assert.Contains("'token_type_ids'", exception.Message);
        Assert.IsFalse(Directory.Exists(_folder["genai"]));
    }

    [TestMethod]
    public void Trial_CachePortsExchanged_IsFound()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        GenaiReport report = GenaiExporter.Export(fixture.Folder, _folder["genai"]);
        BundleManifest right = LensBundle.Open(TestBundles.Of(fixture.Folder)).Manifest;
        GenaiTrial.Run(report.Folder, report.GraphFiles, right, GenaiConfigs.Inputs(right), CancellationToken.None);
        BundleManifest wrong = right with
        {
            Shards = [.. right.Shards.Select(shard => shard with { Cache = [.. shard.Cache.Select(layer => layer with { PresentKey = layer.PresentValue, PresentValue = layer.PresentKey })] })],
        };
        InferenceException exception = Assert.ThrowsExactly<InferenceException>(() => GenaiTrial.Run(report.Folder, report.GraphFiles, wrong, GenaiConfigs.Inputs(right), CancellationToken.None));
        Assert.Contains("over the cache", exception.Message);
    }

    private void Refused(string fragment, string source, ExportOptions options)
    {
        SelectionException exception = Assert.ThrowsExactly<SelectionException>(() => GenaiExporter.Export(source, _folder["genai"], options));
        Assert.Contains(fragment, exception.Message);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private JsonElement Config(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(_folder[folder + "/genai_config.json"]));
        return document.RootElement.Clone();
    }

    private string[] NodeNames(string folder) => [.. OnnxModelFile.Read(_folder[folder + "/model.onnx"]).Graph.Node.Select(node => node.Name)];

    private string CopyOf(string bundle)
    {
        string copy = Directory.CreateDirectory(_folder["edited"]).FullName;
        foreach (string file in Directory.GetFiles(bundle)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    private sealed class Immediate(Action<string> act) : IProgress<string>
    {
        public void Report(string value) => act(value);
    }
}
