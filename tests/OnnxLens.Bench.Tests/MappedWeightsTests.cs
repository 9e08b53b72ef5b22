using System.Buffers.Binary;
using OnnxLens.Bench.Jobs;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>Every weight that a decode step reads is read, once.</summary>
[TestClass]
public sealed class MappedWeightsTests
{
    [TestMethod]
    [DataRow(ElementType.Float, false)]
    [DataRow(ElementType.BFloat16, false)]
    [DataRow(ElementType.Float, true)]
    public void Read_Checkpoint_SumsEveryWeightButTheEmbedding(ElementType type, bool tied)
    {
        // A head of 3 × 5 numbers: tensors whose bytes are no whole number of vectors, in bf16 not even of words.
        AssertSum(RandomCheckpointOptions.Tiny with { WeightType = type, TiedEmbedding = tied, HiddenSize = 15, Heads = 3, KvHeads = 3, HeadDim = 6, MaxShardBytes = 9000 });
    }

    [TestMethod]
    public void Read_TensorLargerThanAPiece_IsSummedWhole() =>
        AssertSum(RandomCheckpointOptions.Tiny with { VocabularySize = 30_001 });

    private static void AssertSum(RandomCheckpointOptions options)
    {
        using var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], options);
        Checkpoint checkpoint = CheckpointReader.Read(folder["checkpoint"]);
        CheckpointTensor[] read = [.. checkpoint.Tensors.Values.Where(tensor => options.TiedEmbedding || tensor.Name != "model.embed_tokens.weight")];
        Assert.HasCount(checkpoint.Tensors.Count - (options.TiedEmbedding ? 0 : 1), read);
        uint expected = read.Aggregate(0u, (sum, tensor) => sum + Sum(checkpoint, tensor));
        using var weights = new MappedWeights(checkpoint);
        Assert.AreEqual(read.Sum(tensor => tensor.Bytes), weights.Bytes);
        Assert.AreEqual(expected, weights.Read());
        Assert.AreEqual(expected, weights.Read());
    }

    private static uint Sum(Checkpoint checkpoint, CheckpointTensor tensor)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(Path.Combine(checkpoint.Folder, tensor.File)).AsSpan((int)tensor.Offset, (int)tensor.Bytes);
        uint sum = 0;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            sum += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }

        return bytes.IsEmpty ? sum : sum + BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }
}
