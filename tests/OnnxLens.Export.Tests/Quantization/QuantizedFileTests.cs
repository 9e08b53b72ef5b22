using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>The data file of a quantised bundle: every matrix at its place, whatever the weights are stored in, and clear refusals.</summary>
[TestClass]
public sealed class QuantizedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(ElementType.Float, ElementType.Float, 4, true)]
    [DataRow(ElementType.BFloat16, ElementType.Float, 4, false)]
    [DataRow(ElementType.Float16, ElementType.Float, 8, false)]
    [DataRow(ElementType.BFloat16, ElementType.Float16, 8, true)]
    [DataRow(ElementType.Float16, ElementType.BFloat16, 4, false)]
    public void Write_AnyStoredType_EachPartIsWhereThePlanSays(ElementType stored, ElementType scaleType, int bits, bool symmetric)
    {
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions { WeightType = stored, Layers = 2 });
        var plan = new QuantizationPlan(checkpoint, Forms.Of(bits, 32, symmetric), QuantizationScope.All, scaleType);
        QuantizedFile.Write(checkpoint, plan, _folder.Path);
        byte[] file = File.ReadAllBytes(_folder[QuantizationPlan.FileName]);
        Assert.AreEqual(plan.Bytes, file.LongLength);
        Assert.HasCount((2 * 7) + 2, plan.Tensors);
        long end = 0;
        foreach (QuantizedTensor tensor in plan.Tensors)
        {
            float[] weights = new GoldenTensors(Path.Combine(checkpoint.Folder, tensor.Source.File)).Singles(tensor.Source.Name);
            var expected = new QuantizedMatrix(weights, (int)tensor.Columns, plan.Form, scaleType);
            byte[] scales = new byte[expected.Scales.Length * scaleType.ByteSize()];
            FloatBytes.Store(expected.Scales, scaleType, scales);
            foreach ((ExternalData? region, byte[] bytes) in new[] { (tensor.Data, expected.Data), (tensor.Scales, scales), (tensor.ZeroPoints, expected.ZeroPoints) })
            {
                Assert.AreEqual(symmetric && bytes.Length == 0, region is null);
                if (region is not null)
                {
                    Assert.AreEqual(0, region.Offset % 4096);
                    Assert.IsGreaterThanOrEqualTo(end, region.Offset);
                    Assert.IsTrue(bytes.AsSpan().SequenceEqual(file.AsSpan((int)region.Offset, (int)region.Length)), $"{tensor.Source.Name} at {region.Offset}");
                    end = region.Offset + region.Length;
                }
            }
        }
    }

    [TestMethod]
    public void Write_MatrixOfSeveralSlices_IsTheSameAsRowByRow()
    {
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions { Layers = 1, VocabularySize = 20_000 });
        var plan = new QuantizationPlan(checkpoint, Forms.Of(4, 16, false), QuantizationScope.All, ElementType.Float);
        QuantizedTensor embedding = plan.Tensors[0];
        Assert.IsGreaterThan(2, RowSlice.Of(embedding).Count());
        QuantizedFile.Write(checkpoint, plan, _folder.Path);
        float[] weights = new GoldenTensors(Path.Combine(checkpoint.Folder, embedding.Source.File)).Singles(embedding.Source.Name);
        var expected = new QuantizedMatrix(weights, (int)embedding.Columns, plan.Form);
        double[] actual = DequantizedCheckpoint.Read(File.ReadAllBytes(_folder[QuantizationPlan.FileName]), embedding);
        Assert.AreSequenceEqual(expected.Weights(), actual);
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.NegativeInfinity, "-")]
    public void Write_WeightThatIsNotFinite_IsRefusedByTensorRowAndColumn(float wrong, string shown)
    {
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions());
        CheckpointTensor tensor = checkpoint.Tensors["model.layers.2.mlp.down_proj.weight"];
        Assert.AreEqual(160, tensor.Shape[1]);
        using (FileStream stream = File.OpenWrite(Path.Combine(checkpoint.Folder, tensor.File)))
        {
            stream.Position = tensor.Offset + (((5 * 160) + 37) * sizeof(float));
            stream.Write(BitConverter.GetBytes(wrong));
        }

        CheckpointException exception = Assert.ThrowsExactly<CheckpointException>(() => Write(checkpoint));
        Assert.Contains("'model.layers.2.mlp.down_proj.weight'", exception.Message);
        Assert.Contains("at [5,37]", exception.Message);
        Assert.Contains(shown, exception.Message);
    }

    [TestMethod]
    public void Write_ScaleBeyondFp16_IsRefusedByTensorAndRange()
    {
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions());
        CheckpointTensor tensor = checkpoint.Tensors["model.layers.0.self_attn.q_proj.weight"];
        using (FileStream stream = File.OpenWrite(Path.Combine(checkpoint.Folder, tensor.File)))
        {
            stream.Position = tensor.Offset + (40 * sizeof(float));
            stream.Write(BitConverter.GetBytes(1e6f));
        }

        var plan = new QuantizationPlan(checkpoint, Forms.Of(4, 32, true), QuantizationScope.Blocks, ElementType.Float16);
        CheckpointException exception = Assert.ThrowsExactly<CheckpointException>(() => QuantizedFile.Write(checkpoint, plan, _folder.Path));
        Assert.Contains("[0,32] to [0,63] whose scale is beyond fp16", exception.Message);
    }

    [TestMethod]
    public void Write_FileThatEndsEarly_IsRefusedByTensor()
    {
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions());
        using (FileStream stream = File.OpenWrite(Path.Combine(checkpoint.Folder, checkpoint.WeightFiles[0])))
        {
            stream.SetLength(checkpoint.Tensors.Values.Where(tensor => tensor.Name.EndsWith("_proj.weight", StringComparison.Ordinal)).Max(tensor => tensor.Offset) + 8);
        }

        Assert.Contains("ends within the tensor 'model.layers.", Assert.ThrowsExactly<CheckpointException>(() => Write(checkpoint)).Message);
    }

    [TestMethod]
    public void Write_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Checkpoint checkpoint = Checkpoint(new RandomCheckpointOptions());
        var plan = new QuantizationPlan(checkpoint, Forms.Of(4, 32, true), QuantizationScope.Blocks, ElementType.Float);
        Assert.Throws<OperationCanceledException>(() => QuantizedFile.Write(checkpoint, plan, _folder.Path, source.Token));
    }

    [TestMethod]
    [DataRow(5, 32, 4, "5 bits")]
    [DataRow(4, 8, 4, "'block-size' is 8")]
    [DataRow(4, 48, 4, "'block-size' is 48")]
    [DataRow(4, 512, 4, "'block-size' is 512")]
    [DataRow(8, 32, 2, "'accuracy-level' is 2")]
    public void Plan_FormThatIsNotBuilt_IsRefused(int bits, int blockSize, int level, string fragment)
    {
        Checkpoint checkpoint = FixtureCheckpoints.Get("llama").Checkpoint;
        SelectionException exception = Assert.ThrowsExactly<SelectionException>(
            () => new QuantizationPlan(checkpoint, Forms.Of(bits, blockSize, true, level), QuantizationScope.Blocks, ElementType.Float));
        Assert.Contains(fragment, exception.Message);
    }

    private void Write(Checkpoint checkpoint) => QuantizedFile.Write(
        checkpoint, new QuantizationPlan(checkpoint, Forms.Of(4, 32, true), QuantizationScope.Blocks, ElementType.Float), _folder.Path);

    private Checkpoint Checkpoint(RandomCheckpointOptions options)
    {
        RandomCheckpoint.Write(_folder["checkpoint"], options);
        return CheckpointReader.Read(_folder["checkpoint"]);
    }
}
