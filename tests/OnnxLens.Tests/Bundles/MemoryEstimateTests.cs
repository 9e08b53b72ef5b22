using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Bundles;

/// <summary>The memory that a model takes, against arithmetic by hand and against what is really taken.</summary>
[TestClass]
public sealed class MemoryEstimateTests
{
    private static readonly ModelFacts Facts = new()
    {
        Family = "llama",
        Layers = 32,
        HiddenSize = 4096,
        IntermediateSize = 14336,
        Heads = 32,
        KvHeads = 8,
        HeadDim = 128,
        VocabularySize = 128256,
        ContextLength = 131072,
        MaxLength = 4096,
        TiedEmbedding = false,
    };

    [TestMethod]
    public void Of_Llama8BInFp16_IsArithmeticByHand()
    {
        MemoryEstimate memory = MemoryEstimate.Of(Facts, "fp16", 8_030_261_248, 512L << 20, DeviceKind.Cuda);
        Assert.AreEqual(16_060_522_496, memory.WeightBytes);
        Assert.AreEqual(128L << 10, memory.CacheBytesPerToken);
        Assert.AreEqual(512L << 20, memory.CacheBytesAtMaxLength);
        Assert.AreEqual(8192, memory.CaptureBytesPerToken);
        Assert.IsLessThanOrEqualTo(512L << 20, memory.HeadCallBytes);
        Assert.IsGreaterThan(500L << 20, memory.HeadCallBytes);
    }

    /// <summary>On the CPU a call holds nothing but its logits, and in half precision what they are widened from.</summary>
    [TestMethod]
    public void Of_HeadOnTheCpu_HoldsItsLogits()
    {
        MemoryEstimate memory = MemoryEstimate.Of(Facts, "fp16", 8_030_261_248, 512L << 20);
        Assert.AreEqual(256, memory.HeadRows);
        Assert.AreEqual(256L * 128256 * 4 * 3, memory.HeadCallBytes);
    }

    [TestMethod]
    public void Of_TiedEmbedding_CountsItForBodyAndHead()
    {
        MemoryEstimate tied = MemoryEstimate.Of(Facts with { TiedEmbedding = true }, "fp32", 1000, 1);
        Assert.AreEqual((1000 + (128256L * 4096)) * 4, tied.WeightBytes);
        Assert.AreEqual(2, tied.HeadRows);
    }

    [TestMethod]
    public void Of_SizesBeyondAnyMemory_AreBounded()
    {
        MemoryEstimate memory = MemoryEstimate.Of(Facts with { KvHeads = 1 << 24, HeadDim = 1 << 24, MaxLength = int.MaxValue, TiedEmbedding = true }, "fp32", long.MaxValue, 1);
        Assert.AreEqual(1L << 56, memory.CacheBytesPerToken);
        Assert.AreEqual(long.MaxValue, memory.CacheBytesAtMaxLength);
        Assert.AreEqual(long.MaxValue, memory.WeightBytes);
    }

    [TestMethod]
    [DataRow("llama", QuantizationScope.Blocks)]
    [DataRow("llama", QuantizationScope.All)]
    [DataRow("qwen2", QuantizationScope.Blocks)]
    [DataRow("qwen2", QuantizationScope.All)]
    [DataRow("qwen3-wide-heads-bf16", QuantizationScope.Blocks)]
    public void Of_QuantisedBundle_CountsWhatGraphsReferTo(string name, QuantizationScope scope)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Quantization form = QuantizationForms.Default(4) with { Symmetric = false };
        using var folder = new TempFolder();
        BundleExporter.Export(fixture.Folder, folder["bundle"], new ExportOptions { Weights = WeightsMode.Reference, Shards = 2, Quantization = form, QuantizationScope = scope });
        MemoryEstimate memory = MemoryEstimate.Of(LensBundle.Open(folder["bundle"]), 1);
        var plan = new QuantizationPlan(fixture.Checkpoint, form, scope, ElementType.Float);
        long plain = fixture.Checkpoint.Tensors.Values.Where(tensor => plan.Find(tensor.Name) is null).Sum(Held);
        bool tied = fixture.Checkpoint.Architecture.Facts.TiedEmbedding;
        long again = !tied ? 0 : plan.Find("model.embed_tokens.weight")?.Bytes ?? Held(fixture.Checkpoint.Tensors["model.embed_tokens.weight"]);
        Assert.AreEqual(fixture.Checkpoint.Tensors.Values.Sum(Elements), memory.Parameters);
        Assert.AreEqual(plain + plan.Tensors.Sum(tensor => tensor.Bytes) + again, memory.WeightBytes);
    }

    [TestMethod]
    public void Of_UnknownPrecision_IsRefused() =>
        Assert.ThrowsExactly<BundleException>(() => MemoryEstimate.Of(Facts, "int3", 1, 1));

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Of_Bundle_IsWhatTheRunTakesAndTheCheckpointHolds(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        using LensModel model = TestBundles.Open(fixture.Folder);
        MemoryEstimate memory = MemoryEstimate.Of(model.Bundle, new LensModelOptions().HeadMemoryBytes);
        Assert.AreEqual(fixture.Checkpoint.Tensors.Values.Sum(Elements), memory.Parameters);
        using ModelRun run = model.Begin(new HookSpec { Capture = [new HookPoint(Site.AttnIn, 1)] }, 10);
        Assert.AreEqual(run.Cache.Bytes, 10 * memory.CacheBytesPerToken);
        Assert.AreEqual(run.Captures.Bytes, 10 * memory.CaptureBytesPerToken);
        long most = MemoryEstimate.Of(model.Facts, "fp32", memory.Parameters, 1).WeightBytes;
        long asStored = fixture.Checkpoint.Tensors.Values.Sum(Spared);
        long again = model.Facts.TiedEmbedding ? Spared(fixture.Checkpoint.Tensors["model.embed_tokens.weight"]) : 0;
        Assert.AreEqual(most - asStored - again, memory.WeightBytes);

        static long Spared(CheckpointTensor tensor) => (sizeof(float) * Elements(tensor)) - Held(tensor);
    }

    private static long Held(CheckpointTensor tensor) => WeightMemory.Bytes(tensor.Type, tensor.Shape, ElementType.Float, onCpu: true);

    private static long Elements(CheckpointTensor tensor) => tensor.Shape.Aggregate(1L, (product, size) => product * size);
}
