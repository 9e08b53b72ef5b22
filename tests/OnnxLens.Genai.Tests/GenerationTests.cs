using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntimeGenAI;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Genai;
using OnnxLens.Export.Quantization;
using OnnxLens.Generation;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Genai.Tests;

/// <summary>onnxruntime-genai itself runs the folders, and says what OnnxLens says.</summary>
[TestClass]
public sealed class GenerationTests : IDisposable
{
    private const int New = 16;
    private const int First = 4;

    private static OgaHandle? _library;

    private readonly TempFolder _folder = new();

    public static IEnumerable<object[]> Fixtures =>
        from name in FixtureCheckpoints.Names from shards in new[] { 1, 2 } select new object[] { name, shards };

    public static IEnumerable<object[]> Goldens =>
        from name in GoldenCases.Names from shards in new[] { 1, 2 } select new object[] { name, shards };

    [ClassInitialize]
    public static void Load(TestContext context)
    {
        // OnnxLens makes ONNX Runtime's one environment of the process, with its telemetry off, before the other library can.
        TestBundles.Of(FixtureCheckpoints.Get("llama").Folder);
        _library = new OgaHandle();
    }

    [ClassCleanup]
    public static void Unload() => _library?.Dispose();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void Generate_EveryFixture_GivesTheBundlesIds(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] prompt = fixture.Tokens(20);
        Assert.AreSequenceEqual(OfBundle(fixture.Folder, prompt), GenaiRun.Greedy(GenaiFolders.Of(fixture.Folder, shards), prompt, New));
    }

    [TestMethod]
    [DynamicData(nameof(Goldens))]
    public void Generate_EveryGoldenCase_GivesTheIdsOfTransformers(string name, int shards)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] expected = [.. golden.Facts.GetProperty("greedy_ids").EnumerateArray().Take(New).Select(id => id.GetInt32())];
        int[] ids = GenaiRun.Greedy(GenaiFolders.Of(golden.CheckpointFolder, shards), golden.Tokens, New);
        Assert.AreSequenceEqual(expected, ids);
        Assert.AreSequenceEqual(OfBundle(golden.CheckpointFolder, golden.Tokens), ids);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Generate_PromptInChunksAndCacheThatGrows_GivesTheSameIds(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen2");
        string folder = GenaiFolders.Of(fixture.Folder, shards);
        int[] whole = GenaiRun.Greedy(folder, fixture.Tokens(20), New);
        Assert.AreSequenceEqual(whole, GenaiRun.Greedy(folder, fixture.Tokens(20), New, chunk: 7));
        Assert.AreSequenceEqual(whole, GenaiRun.Greedy(folder, fixture.Tokens(20), New, shareBuffer: false));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Generate_DemoModel_TokenizesAndContinuesAlike(int shards)
    {
        string checkpoint = Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");
        const string Text = "Anna comes from";
        string folder = GenaiFolders.Of(checkpoint, shards);
        using var model = new Model(folder);
        using var tokenizer = new Tokenizer(model);
        using Sequences sequences = tokenizer.Encode(Text);
        int[] prompt = Tokenization.Tokenizer.Load(checkpoint).Encode(Text);
        Assert.AreSequenceEqual(prompt, sequences[0].ToArray());
        Assert.AreSequenceEqual(OfBundle(checkpoint, prompt), GenaiRun.Greedy(folder, prompt, New));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1)]
    public void Generate_BundleAsTheSource_GivesTheSameIds(int? shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        GenaiReport report = GenaiExporter.Export(TestBundles.Of(fixture.Folder, 2), _folder["genai"], new ExportOptions { Shards = shards });
        Assert.HasCount(shards is null ? 3 : 1, report.GraphFiles);
        Assert.AreSequenceEqual(OfBundle(fixture.Folder, fixture.Tokens(20)), GenaiRun.Greedy(report.Folder, fixture.Tokens(20), New));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Generate_Fp16_GivesTheBundlesIds(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("mistral-window-fp16");
        var options = new ExportOptions { Precision = Precision.Fp16, Shards = shards };
        string bundle = BundleExporter.Export(fixture.Folder, _folder["bundle"], options).Folder;
        string folder = GenaiExporter.Export(fixture.Folder, _folder["genai"], options).Folder;
        using LensModel model = LensModel.Open(bundle);
        Assert.AreSequenceEqual(Greedy(model, fixture.Tokens(20)), GenaiRun.Greedy(folder, fixture.Tokens(20), New));
    }

    [TestMethod]
    [DataRow("llama", 4, 1, QuantizationScope.All, 1)]
    [DataRow("llama", 4, 4, QuantizationScope.Blocks, 2)]
    [DataRow("llama", 8, 4, QuantizationScope.All, 2)]
    [DataRow("qwen2", 4, 4, QuantizationScope.All, 1)]
    [DataRow("qwen2", 8, 1, QuantizationScope.All, 1)]
    [DataRow("qwen2", 4, 4, QuantizationScope.All, 2)]
    public void Generate_QuantisedWeights_GivesTheBundlesIds(string name, int bits, int level, QuantizationScope scope, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        var options = new ExportOptions
        {
            Shards = shards,
            QuantizationScope = scope,
            Quantization = new Bundles.Quantization { Bits = bits, BlockSize = 32, Symmetric = true, AccuracyLevel = level },
        };
        string bundle = BundleExporter.Export(fixture.Folder, _folder["bundle"], options).Folder;
        string folder = GenaiExporter.Export(fixture.Folder, _folder["genai"], options).Folder;
        using LensModel model = LensModel.Open(bundle);
        int same = level == QuantizationForms.ExactLevel ? New : First; // With the other level the library rounds activations, and this program does not.
        Assert.AreSequenceEqual(Greedy(model, fixture.Tokens(20))[..same], GenaiRun.Greedy(folder, fixture.Tokens(20), New)[..same]);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Generate_BatchPaddedOnTheRight_GivesTheIdsOfEachAlone(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama-headdim8");
        string folder = GenaiFolders.Of(fixture.Folder, shards);
        int[] longer = fixture.Tokens(20);
        int[][] ids = GenaiRun.GreedyBatch(folder, [longer, longer[..15]], New);
        Assert.AreSequenceEqual(GenaiRun.Greedy(folder, longer, New), ids[0]);
        Assert.AreSequenceEqual(GenaiRun.Greedy(folder, longer[..15], New), ids[1]);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void GetOutput_SiteDeclaredInTheGraph_IsTheCapturedRows(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        string folder = Edited(fixture, shards, "mlp_in.1", stage => stage["outputs"]!, graph => GraphEditor.SetOutputs(graph, [.. graph.Graph.Output.Select(output => output.Name), "mlp_in.1"]));
        float[] rows = [];
        GenaiRun.Greedy(folder, fixture.Tokens(9), 1, look: generator => rows = GenaiRun.Output(generator, "mlp_in.1"));
        Closeness.AssertClose<float, float>(Captured(fixture, new HookPoint(Site.MlpIn, 1), 9), rows, 1e-5, "mlp_in.1");
    }

    [TestMethod]
    public void GetOutput_WhatOneStageHandsToTheNext_IsTheResidualStream()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int layer = LensBundle.Open(TestBundles.Of(fixture.Folder, 2)).Manifest.Shards[0].LayerCount - 1;
        var point = new HookPoint(Site.ResidPost, layer);
        float[] rows = [];
        GenaiRun.Greedy(GenaiFolders.Of(fixture.Folder, 2), fixture.Tokens(9), 1, look: generator => rows = GenaiRun.Output(generator, point.ToString()));
        Closeness.AssertClose<float, float>(Captured(fixture, point, 9), rows, 1e-5, point.ToString());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Generate_SteeringInputWithoutItsDefault_Steers(int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        string folder = Edited(fixture, shards, "steer.mlp_in.1", stage => stage["inputs"]!, graph => graph.Graph.Initializer.Remove(graph.Graph.Initializer.Single(tensor => tensor.Name == "steer.mlp_in.1")));
        float[] vector = fixture.SteeringVector();
        GCHandle pinned = GCHandle.Alloc(vector, GCHandleType.Pinned);
        int[] ids;
        try
        {
            using var tensor = new Tensor(pinned.AddrOfPinnedObject(), [1, 1, vector.Length], Microsoft.ML.OnnxRuntimeGenAI.ElementType.float32);
            ids = GenaiRun.Greedy(folder, fixture.Tokens(20), New, start: generator => generator.SetModelInput("steer.mlp_in.1", tensor));
        }
        finally
        {
            pinned.Free();
        }

        using LensModel model = LensModel.Open(TestBundles.Of(fixture.Folder));
        var steer = new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. vector]) { Positions = SteeringPositions.All };
        Assert.AreSequenceEqual(Greedy(model, fixture.Tokens(20), steer), ids);
        Assert.AreNotEqual(string.Join(',', OfBundle(fixture.Folder, fixture.Tokens(20))), string.Join(',', ids));
    }

    /// <summary>A folder whose graph with a value, of the pipeline's the first, was edited; in a pipeline the value is also put into a list of its stage.</summary>
    private string Edited(FixtureCheckpoint fixture, int shards, string value, Func<JsonNode, JsonNode> list, Action<ModelProto> edit)
    {
        GenaiReport report = GenaiExporter.Export(fixture.Folder, _folder["genai"], new ExportOptions { Shards = shards, Weights = WeightsMode.Copy });
        string file = Path.Combine(report.Folder, report.GraphFiles[0]);
        ModelProto graph = OnnxModelFile.Read(file);
        edit(graph);
        OnnxModelFile.Write(file, graph);
        if (shards > 1)
        {
            string configFile = Path.Combine(report.Folder, "genai_config.json");
            JsonNode config = JsonNode.Parse(File.ReadAllBytes(configFile))!;
            list(config["model"]!["decoder"]!["pipeline"]![0]!["shard-0"]!).AsArray().Add(value);
            File.WriteAllText(configFile, config.ToJsonString());
        }

        return report.Folder;
    }

    private static float[] Captured(FixtureCheckpoint fixture, HookPoint point, int length)
    {
        using LensModel model = TestBundles.Open(fixture.Folder);
        using ModelRun run = model.Begin(new HookSpec { Capture = [point] }, length);
        run.Prefill(fixture.Tokens(length));
        return [.. TestBundles.Rows(model, run, point).SelectMany(row => row)];
    }

    /// <summary>What the bundle of a checkpoint goes on with, up to an id that ends a text: by the config of the folder for onnxruntime-genai, the first of them.</summary>
    private static int[] OfBundle(string checkpoint, int[] prompt)
    {
        using LensModel model = LensModel.Open(TestBundles.Of(checkpoint));
        return Greedy(model, prompt);
    }

    private static int[] Greedy(LensModel model, int[] prompt, params SteeringOperation[] steer)
    {
        ImmutableArray<int> ends = model.Facts.EndOfSequenceIds.IsEmpty ? [0] : model.Facts.EndOfSequenceIds;
        using ModelRun run = model.Begin(new HookSpec { Steer = [.. steer] }, prompt.Length + New);
        ImmutableArray<int> ids = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = New, StopIds = ends }).GeneratedIds;
        return [.. ids.Select(id => ends.Contains(id) ? ends[0] : id)];
    }
}
