using OnnxLens.Bundles;
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
        MemoryEstimate memory = MemoryEstimate.Of(Facts, "fp16", 8_030_261_248, 512L << 20);
        Assert.AreEqual(16_060_522_496, memory.WeightBytes);
        Assert.AreEqual(128L << 10, memory.CacheBytesPerToken);
        Assert.AreEqual(512L << 20, memory.CacheBytesAtMaxLength);
        Assert.AreEqual(8192, memory.CaptureBytesPerToken);
        Assert.IsLessThanOrEqualTo(512L << 20, memory.HeadCallBytes);
        Assert.IsGreaterThan(500L << 20, memory.HeadCallBytes);
    }

    [TestMethod]
    public void Of_TiedEmbedding_CountsItForBodyAndHead()
    {
        MemoryEstimate tied = MemoryEstimate.Of(Facts with { TiedEmbedding = true }, "fp32", 1000, 1);
        Assert.AreEqual((1000 + (128256L * 4096)) * 4, tied.WeightBytes);
        Assert.AreEqual(2, tied.HeadRows);
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
        Assert.AreEqual(fixture.Checkpoint.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size)), memory.Parameters);
        using ModelRun run = model.Begin(new HookSpec { Capture = [new HookPoint(Site.AttnIn, 1)] }, 10);
        Assert.AreEqual(run.Cache.Bytes, 10 * memory.CacheBytesPerToken);
        Assert.AreEqual(run.Captures.Bytes, 10 * memory.CaptureBytesPerToken);
    }
}
