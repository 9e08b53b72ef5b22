using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Export.Planning;
using OnnxLens.Export.Quantization;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Planning;

/// <summary>A plan is what the export writes and what its run takes, with weights or with the config alone.</summary>
[TestClass]
public sealed class ExportPlannerTests
{
    private static readonly Bundles.Quantization Asymmetric = QuantizationForms.Default(4) with { Symmetric = false };

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Plan_OfAFixture_IsItsExport(string name)
    {
        string folder = FixtureCheckpoints.Get(name).Folder;
        PlanComparison.AssertPlanIsExport(folder, new ExportOptions());
        PlanComparison.AssertPlanIsExport(folder, new ExportOptions { Shards = 3, MaxLength = 200 });
        PlanComparison.AssertPlanIsExport(folder, new ExportOptions { Shards = 2, Precision = Precision.Fp16, MaxLength = 10 });
        PlanComparison.AssertPlanIsExport(folder, new ExportOptions { Shards = 2, Quantization = Asymmetric });
        PlanComparison.AssertPlanIsExport(folder, new ExportOptions { Shards = 2, Quantization = QuantizationForms.Default(8), QuantizationScope = QuantizationScope.All });
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Plan_OfAGoldenCheckpoint_IsItsExport(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        PlanComparison.AssertPlanIsExport(golden.CheckpointFolder, new ExportOptions { Shards = 2 });
        PlanComparison.AssertPlanIsExport(golden.CheckpointFolder, new ExportOptions { Quantization = Asymmetric });
        using var folder = new TempFolder();
        File.Copy(golden.LegacyConfigPath, folder["config.json"]);
        ExportPlan legacy = ExportPlanner.Read(folder.Path).Plan();
        Assert.AreSequenceEqual(ExportPlanner.Read(golden.CheckpointFolder).Plan().Shards, legacy.Shards);
    }

    [TestMethod]
    [DataRow("golden/stories260K-hf")]
    [DataRow("golden/steering-eval/checkpoint")]
    public void Plan_OfATrainedCheckpoint_IsItsExport(string name) =>
        PlanComparison.AssertPlanIsExport(SharedData.Require(name), new ExportOptions { Shards = 2 });

    [TestMethod]
    public void Plan_OfTheDemo_IsItsExport() =>
        PlanComparison.AssertPlanIsExport(Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint"), new ExportOptions { Shards = 2 });

    [TestMethod]
    [DataRow("llama-3.1-8b", 8_030_261_248)]
    [DataRow("llama-3.1-70b", 70_553_706_496)]
    [DataRow("qwen3-4b", 4_022_468_096)]
    [DataRow("qwen3-14b", 14_768_307_200)]
    [DataRow("qwen3-32b", 32_762_123_264)]
    public void Plan_OfAPublicConfig_HasThePublishedParameters(string name, long parameters)
    {
        ExportPlan plan = ExportPlanner.Read(PublicConfigs.Folder(name)).Plan();
        Assert.AreEqual(parameters, plan.Parameters);
        Assert.AreEqual("bf16", plan.WeightType);
    }

    [TestMethod]
    public void Plan_Llama8BOnTwoDevices_IsArithmeticByHand()
    {
        ExportPlan plan = ExportPlanner.Read(PublicConfigs.Folder("llama-3.1-8b"), new ExportOptions { Devices = [Cuda(0), Cuda(1)], MaxLength = 1500 }).Plan();
        const long table = 128256L * 4096 * 2;
        const long layer = 2L * ((2 * 4096 * 4096) + (2 * 1024 * 4096) + (3 * 14336 * 4096) + (2 * 4096));
        Assert.AreEqual("bf16", plan.Precision);
        Assert.AreSequenceEqual([16, 16], plan.Shards.Select(shard => shard.LayerCount));
        Assert.AreEqual(
            new MemoryParts { Weights = table + (16 * layer), Cache = 16L * 2 * 1024 * 1500 * 2, Captures = 16L * 1500 * 4096 * 2, WindowCaptures = 16L * 128 * 4096 * 2 },
            plan.Shards[0].Memory);
        Assert.AreEqual(16 * layer, plan.Shards[1].Memory.Weights);
        Assert.AreEqual(table + (4096 * 2), plan.Head.Memory.Weights);
        Assert.AreEqual(plan.Head.Rows * 8L * 128256 * 4, plan.Head.Memory.HeadCall);
        Assert.AreSequenceEqual(["cuda:0", "cuda:1"], plan.Devices.Select(device => device.Device));
        Assert.AreEqual(plan.OnItsOwn(plan.Shards[1]), plan.Devices[1].Memory);

        long read = (32 * layer) + (32L * 2 * 1024 * 1500 * 2) + table + (4096 * 2);
        Assert.AreEqual(read, plan.StepBytes);
        Assert.AreEqual(read / 1e12, plan.StepSeconds(1e12), 1e-15);
    }

    [TestMethod]
    [DataRow(100, 100)]
    [DataRow(4, 4)]
    public void Plan_LayersWithAWindow_ReadNoMoreThanIt(int length, int full)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen2-late-window");
        ModelFacts facts = fixture.Checkpoint.Architecture.Facts;
        ExportPlan plan = ExportPlanner.Read(fixture.Folder, new ExportOptions { MaxLength = length }).Plan();
        long weights = 4 * (plan.Parameters - ((long)facts.VocabularySize * facts.HiddenSize));
        long entry = 2L * facts.KvHeads * facts.HeadDim * 4;
        Assert.AreEqual(weights + (entry * ((2 * full) + (2 * Math.Min(8, length)))), plan.StepBytes);
        Assert.AreEqual(entry * 4 * length, plan.Memory.Cache);
    }

    [TestMethod]
    [DataRow(CaptureExtent.Whole)]
    [DataRow(CaptureExtent.Window)]
    public void Least_AnySize_IsTheFewestThatFit(CaptureExtent captures)
    {
        string folder = FixtureCheckpoints.Get("llama-linear-rope-sharded").Folder;
        ExportPlanner planner = ExportPlanner.Read(folder);
        int layers = planner.Plan().Model.Layers;
        long[] fullest = [.. Enumerable.Range(1, layers).Select(shards => ExportPlanner.Read(folder, new ExportOptions { Shards = shards }).Plan().Fullest(captures))];
        HashSet<int> found = [];
        foreach (long room in fullest.SelectMany(bytes => (long[])[bytes - 1, bytes, bytes + 1]))
        {
            int fewest = Array.FindIndex(fullest, bytes => bytes <= room) + 1;
            int? least = planner.Least(room, captures)?.Shards.Length;
            Assert.AreEqual(fewest == 0 ? null : fewest, least);
            found.Add(least ?? 0);
        }

        Assert.IsGreaterThanOrEqualTo(4, found.Count);
        Assert.Contains(0, found);
    }

    [TestMethod]
    public void Plan_AnyFolder_WritesNothing()
    {
        using var folder = new TempFolder();
        string checkpoint = PlanComparison.ConfigAlone(FixtureCheckpoints.Get("llama").Folder, folder);
        Assert.IsNotNull(ExportPlanner.Read(checkpoint).Plan());
        Assert.AreSequenceEqual([Path.Combine(checkpoint, "config.json")], Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Where(File.Exists));
    }

    [TestMethod]
    [DataRow("", "field 'dtype' is missing (older configs: 'torch_dtype')")]
    [DataRow("\"dtype\": null", "field 'dtype' is missing")]
    [DataRow("\"dtype\": \"float8_e4m3fn\"", "field 'dtype' is 'float8_e4m3fn', which is not read; expected one of bfloat16, float16, float32")]
    [DataRow("\"torch_dtype\": \"int8\"", "field 'torch_dtype' is 'int8'")]
    [DataRow("\"dtype\": 16", "field 'dtype' is 16; expected a text")]
    [DataRow("\"dtype\": \"float16\", \"torch_dtype\": \"bfloat16\"", "field 'dtype' is 'float16', but 'torch_dtype' is 'bfloat16'")]
    public void Read_TypeOfWeightsThatAreNotThere_IsAskedForByName(string fields, string fragment)
    {
        using var folder = new TempFolder();
        string config = WriteConfig(folder, "\"dtype\": \"float32\"", fields.Length == 0 ? "\"note\": 0" : fields);
        Assert.Contains(fragment, Assert.ThrowsExactly<CheckpointException>(() => ExportPlanner.Read(config)).Message);
    }

    [TestMethod]
    [DataRow("\"float16\"", "fp16")]
    [DataRow("\"bfloat16\", \"torch_dtype\": \"bfloat16\"", "bf16")]
    [DataRow("null, \"torch_dtype\": \"float32\"", "fp32")]
    public void Read_EitherNameOfTheType_IsRead(string value, string expected)
    {
        using var folder = new TempFolder();
        Assert.AreEqual(expected, ExportPlanner.Read(WriteConfig(folder, "\"dtype\": \"float32\"", "\"dtype\": " + value)).Plan().WeightType);
    }

    [TestMethod]
    [DataRow("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 10000")]
    [DataRow("\"vocab_size\": 320", "\"vocab_size\": 268435456")]
    public void Read_SizesOfNoModel_AreRefusedAndNotOverflown(string from, string to)
    {
        using var folder = new TempFolder();
        string wide = WriteConfig(folder, "\"head_dim\": 16", "\"head_dim\": 65536");
        string config = File.ReadAllText(Path.Combine(wide, "config.json"))
            .Replace("\"hidden_size\": 64", "\"hidden_size\": 16777216", StringComparison.Ordinal)
            .Replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 65536", StringComparison.Ordinal)
            .Replace(from, to, StringComparison.Ordinal);
        Assert.Contains(to, config);
        File.WriteAllText(Path.Combine(wide, "config.json"), config);
        foreach (Bundles.Quantization? form in new[] { null, Asymmetric })
        {
            CheckpointException refusal = Assert.ThrowsExactly<CheckpointException>(() => ExportPlanner.Read(wide, new ExportOptions { Quantization = form }));
            Assert.Contains("more than 1 EiB", refusal.Message);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void StepSeconds_BandwidthThatIsNone_IsRefused(double bandwidth)
    {
        ExportPlan plan = ExportPlanner.Read(FixtureCheckpoints.Get("llama").Folder).Plan();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plan.StepSeconds(bandwidth));
    }

    private static string WriteConfig(TempFolder folder, string from, string to)
    {
        using var stream = new MemoryStream();
        RandomConfig.WriteConfig(stream, new RandomCheckpointOptions());
        string config = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains(from, config);
        File.WriteAllText(folder["config.json"], config.Replace(from, to, StringComparison.Ordinal));
        return folder.Path;
    }

    private static Device Cuda(int index) => new(DeviceKind.Cuda, index);
}
