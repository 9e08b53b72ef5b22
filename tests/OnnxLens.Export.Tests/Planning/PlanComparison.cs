using OnnxLens.Bundles;
using OnnxLens.Export.Planning;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Planning;

/// <summary>Holds plans to each other, and to what an export really writes and a run really takes.</summary>
internal static class PlanComparison
{
    /// <summary>A checkpoint's config, and nothing else, in a folder of its own.</summary>
    public static string ConfigAlone(string checkpoint, TempFolder folder)
    {
        string target = Directory.CreateDirectory(folder["config-alone"]).FullName;
        File.Copy(Path.Combine(checkpoint, "config.json"), Path.Combine(target, "config.json"), overwrite: true);
        return target;
    }

    /// <summary>Plans with the config alone and with the weights, exports, and compares the three.</summary>
    public static void AssertPlanIsExport(string checkpoint, ExportOptions options)
    {
        using var folder = new TempFolder();
        ExportPlan alone = ExportPlanner.Read(ConfigAlone(checkpoint, folder), options).Plan();
        ExportPlan plan = ExportPlanner.Read(checkpoint, options).Plan();
        Assert.IsFalse(alone.HasWeights);
        Assert.IsTrue(plan.HasWeights);
        AssertSame(plan, alone);
        BundleExporter.Export(checkpoint, folder["bundle"], options with { Weights = WeightsMode.Reference });
        var bundle = LensBundle.Open(folder["bundle"]);
        AssertSame(bundle, plan);
        AssertRun(bundle, plan);
    }

    private static void AssertSame(ExportPlan expected, ExportPlan actual)
    {
        Assert.AreSequenceEqual(expected.Shards, actual.Shards);
        Assert.AreEqual(expected.Head, actual.Head);
        Assert.AreSequenceEqual(expected.Devices, actual.Devices);
        Assert.AreSequenceEqual(expected.Quantization, actual.Quantization);
        Assert.AreEqual((expected.Parameters, expected.WeightType, expected.Precision, expected.StepBytes), (actual.Parameters, actual.WeightType, actual.Precision, actual.StepBytes));
    }

    private static void AssertSame(LensBundle bundle, ExportPlan plan)
    {
        BundleManifest manifest = bundle.Manifest;
        Assert.AreEqual((manifest.Parameters, manifest.Precision, manifest.Head.Device), (plan.Parameters, plan.Precision, plan.Head.Device));
        Assert.AreSequenceEqual(manifest.Quantization, plan.Quantization);
        Assert.AreSequenceEqual(
            manifest.Shards.Select(shard => (shard.File, shard.FirstLayer, shard.LayerCount, shard.Device, Weights(bundle, shard.File))),
            plan.Shards.Select(shard => (shard.File, shard.FirstLayer, shard.LayerCount, shard.Device, shard.Memory.Weights)));
        Assert.AreEqual(Weights(bundle, manifest.Head.File), plan.Head.Memory.Weights);
        MemoryEstimate memory = MemoryEstimate.Of(bundle, new LensModelOptions().HeadMemoryBytes);
        Assert.AreEqual((memory.WeightBytes, memory.CacheBytesAtMaxLength), (plan.Memory.Weights, plan.Memory.Cache));
        Assert.AreEqual((memory.HeadCallBytes, memory.HeadRows), (plan.Memory.HeadCall, plan.Head.Rows));
    }

    private static void AssertRun(LensBundle bundle, ExportPlan plan)
    {
        HookSpec hooks = new() { Capture = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, plan.Model.Layers)) };
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = hooks.Capture });
        using ModelRun run = model.Begin(hooks, plan.Model.MaxLength);
        Assert.AreEqual((plan.Memory.Cache, plan.Memory.Captures), (run.Cache.Bytes, run.Captures.Bytes));
        using ModelRun window = model.Begin(hooks, Math.Min(plan.Model.MaxLength, ExportPlan.CaptureWindow));
        Assert.AreEqual(plan.Memory.WindowCaptures, window.Captures.Bytes);
    }

    /// <summary>The weights that a graph refers to, as they take memory; the tables and what lies in the graph itself are none.</summary>
    private static long Weights(LensBundle bundle, string file)
    {
        ElementType arithmetic = bundle.Manifest.Precision switch { "fp32" => ElementType.Float, "fp16" => ElementType.Float16, _ => ElementType.BFloat16 };
        return OnnxModelFile.Parse(File.ReadAllBytes(Path.Combine(bundle.Folder, file)), file).Graph.Initializer.Sum(tensor => ExternalData.Read(tensor) switch
        {
            null => 0,
            { Location: "rope.data" } => 0,
            { Length: long length } when tensor.DataType == (int)ElementType.UInt8 => length,
            _ => WeightMemory.Bytes((ElementType)tensor.DataType, tensor.Dims, arithmetic, bundle.Manifest.Head.Device == "cpu"),
        });
    }
}
