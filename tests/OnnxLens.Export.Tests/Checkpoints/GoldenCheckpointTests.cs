using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>Checkpoints as transformers writes them, with configs of both forms.</summary>
[TestClass]
public sealed class GoldenCheckpointTests
{
    [TestMethod]
    [DataRow("golden/hf/llama-gqa")]
    [DataRow("golden/hf/llama-headdim8")]
    [DataRow("golden/hf/llama-sharded")]
    [DataRow("golden/hf/llama-tied")]
    [DataRow("golden/hf/llama31-rope")]
    [DataRow("golden/hf/qwen2-bias")]
    [DataRow("golden/hf/qwen3-tied")]
    [DataRow("golden/hf/qwen3-untied")]
    [DataRow("golden/steering-eval")]
    public void Read_LegacyConfig_GivesSameArchitecture(string name)
    {
        string folder = SharedData.Require(name);
        using var temp = new TempFolder();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, "checkpoint")))
        {
            File.Copy(file, temp[Path.GetFileName(file)]);
        }

        File.Copy(Path.Combine(folder, "config.legacy.json"), temp["config.json"], overwrite: true);

        Checkpoint current = CheckpointReader.Read(Path.Combine(folder, "checkpoint"));
        Checkpoint legacy = CheckpointReader.Read(temp.Path);

        ArchitectureComparison.AreEqual(current.Architecture, legacy.Architecture);
        CollectionAssert.AreEqual(current.Tensors.ToArray(), legacy.Tensors.ToArray(), Comparer);
    }

    [TestMethod]
    public void Read_Llama31_HasScaledRopeAndBf16Weights()
    {
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require("golden/hf/llama31-rope/checkpoint"));

        ModelFacts facts = checkpoint.Architecture.Facts;
        Assert.AreEqual(new RopeSpec(500_000, new RopeScaling.Llama3(8, 1, 4, 64)), checkpoint.Architecture.Rope);
        Assert.AreEqual(ElementType.BFloat16, checkpoint.WeightType);
        Assert.AreEqual(
            ("llama", 5, 128, 320, 8, 2, 16, 320, 512, 512),
            (facts.Family, facts.Layers, facts.HiddenSize, facts.IntermediateSize, facts.Heads, facts.KvHeads, facts.HeadDim, facts.VocabularySize, facts.ContextLength, facts.MaxLength));
        CollectionAssert.AreEqual(new[] { 2 }, facts.EndOfSequenceIds.ToArray());
        Assert.AreEqual(1e-5f, checkpoint.Architecture.RmsNormEpsilon);
    }

    [TestMethod]
    public void Read_Qwen2_IgnoresWindowThatIsOff()
    {
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require("golden/hf/qwen2-bias/checkpoint"));

        Assert.IsTrue(checkpoint.Architecture.QkvBias);
        Assert.IsFalse(checkpoint.Architecture.AttentionOutBias);
        Assert.IsTrue(checkpoint.Architecture.Windows.All(window => window is null));
        Assert.IsTrue(checkpoint.Architecture.Facts.TiedEmbedding);
        Assert.IsFalse(checkpoint.Tensors.ContainsKey(WeightNames.LmHead));
    }

    [TestMethod]
    public void Read_Qwen3_HasHeadWidthOfItsOwn()
    {
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require("golden/hf/qwen3-tied/checkpoint"));

        Assert.AreEqual(32, checkpoint.Architecture.Facts.HeadDim);
        Assert.IsTrue(checkpoint.Architecture.QkNorm);
        CollectionAssert.AreEqual(new long[] { 128, 64 }, checkpoint.Tensors["model.layers.3.self_attn.q_proj.weight"].Shape.ToArray());
    }

    [TestMethod]
    public void Read_Sharded_FindsEveryTensorInItsFile()
    {
        string folder = SharedData.Require("golden/hf/llama-sharded/checkpoint");

        Checkpoint checkpoint = CheckpointReader.Read(folder);

        Assert.HasCount(3, checkpoint.WeightFiles);
        CollectionAssert.AreEquivalent(checkpoint.WeightFiles.ToArray(), checkpoint.Tensors.Values.Select(tensor => tensor.File).Distinct().ToArray());
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values)
        {
            Assert.IsLessThanOrEqualTo(new FileInfo(Path.Combine(folder, tensor.File)).Length, tensor.Offset + tensor.Bytes);
        }
    }

    [TestMethod]
    [DataRow("golden/stories260K-hf", "llama", 8, 512)]
    [DataRow("demo/checkpoint", "llama", 16, 256)]
    [DataRow("golden/steering-eval/checkpoint", "qwen3", 16, 1024)]
    public void Read_OtherCheckpoints_HaveTheirSizesAndTokenizer(string name, string family, int headDim, int maxLength)
    {
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require(name));

        Assert.AreEqual(family, checkpoint.Architecture.Facts.Family);
        Assert.AreEqual(headDim, checkpoint.Architecture.Facts.HeadDim);
        Assert.AreEqual(maxLength, checkpoint.Architecture.Facts.MaxLength);
        Assert.Contains("tokenizer.json", checkpoint.TokenizerFiles);
    }

    [TestMethod]
    public void Read_SeveralEndOfSequenceIds_ComeFromGenerationConfig()
    {
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require("golden/stories260K-hf"));

        CollectionAssert.AreEqual(new[] { 1, 2 }, checkpoint.Architecture.Facts.EndOfSequenceIds.ToArray());
    }

    private static readonly Comparer<KeyValuePair<string, CheckpointTensor>> Comparer = Comparer<KeyValuePair<string, CheckpointTensor>>.Create(
        (left, right) => left.Key == right.Key
            && left.Value with { Shape = [] } == right.Value with { Shape = [] }
            && left.Value.Shape.SequenceEqual(right.Value.Shape) ? 0 : 1);
}
