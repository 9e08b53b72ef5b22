using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>The copy of a checkpoint in bf16 is the same model, rounded.</summary>
[TestClass]
public sealed class Bf16CopyTests
{
    /// <summary>Bits of a single, and those of the nearest bf16, of two as near the even one.</summary>
    private static readonly (uint Single, ushort Rounded)[] Rounding =
    [
        (0x3F80_0000, 0x3F80), // 1
        (0x3F80_7FFF, 0x3F80), // below the middle
        (0x3F80_8000, 0x3F80), // in the middle, down to the even one
        (0x3F81_8000, 0x3F82), // in the middle, up to the even one
        (0x3F80_8001, 0x3F81), // above the middle
        (0xBF81_8000, 0xBF82), // negative
        (0x3FFF_8000, 0x4000), // a carry into the exponent
        (0x0000_8001, 0x0001), // subnormal
        (0x8000_0000, 0x8000), // −0
        (0x7F7F_FFFF, 0x7F80), // the largest single, to infinity
        (0xFF80_0000, 0xFF80), // −infinity
    ];

    [TestMethod]
    public void Write_Weights_AreRoundedToNearestEven()
    {
        using var folder = new TempFolder();
        ushort[] rounded = Round(folder, [.. Rounding.Select(item => item.Single)]);
        Assert.AreSequenceEqual(Rounding.Select(item => item.Rounded).ToArray(), rounded);
    }

    [TestMethod]
    public void Write_NaN_StaysNaN()
    {
        using var folder = new TempFolder();
        ushort[] rounded = Round(folder, [0x7F80_0001, 0x7FFF_FFFF, 0xFFC0_0000]);
        Assert.IsTrue(rounded.All(bits => float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits << 16))), string.Join(", ", rounded));
    }

    [TestMethod]
    [DataRow(ElementType.Float, null)]
    [DataRow(ElementType.Float16, 100_000L)]
    public void Write_Copy_IsACheckpointOfTheSameNamesAndShapes(ElementType type, long? shardBytes)
    {
        using var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], RandomCheckpointOptions.Tiny with { WeightType = type, MaxShardBytes = shardBytes });
        Checkpoint before = CheckpointReader.Read(folder["checkpoint"]);
        Bf16Copy.Write(before, folder["copy"], CancellationToken.None);
        Assert.IsTrue(Bf16Copy.Exists(folder["copy"]));
        Checkpoint copy = CheckpointReader.Read(folder["copy"]);
        Assert.AreEqual(before.Architecture.Facts, copy.Architecture.Facts);
        Assert.AreSequenceEqual(Described(before), Described(copy));
        Assert.IsTrue(copy.Tensors.Values.All(tensor => tensor.Type == ElementType.BFloat16));
        AssertNear(before, copy);
    }

    [TestMethod]
    public void Write_Stopped_LeavesNoCopy()
    {
        using var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], RandomCheckpointOptions.Tiny);
        Checkpoint checkpoint = CheckpointReader.Read(folder["checkpoint"]);
        Assert.ThrowsExactly<OperationCanceledException>(() => Bf16Copy.Write(checkpoint, folder["copy"], new CancellationToken(canceled: true)));
        Assert.IsFalse(Bf16Copy.Exists(folder["copy"]));
    }

    private static string[] Described(Checkpoint checkpoint) =>
        [.. checkpoint.Tensors.Values.Select(tensor => $"{tensor.Name} [{string.Join(',', tensor.Shape)}]")];

    /// <summary>A bf16 has 8 significant bits: half a unit of the last is 2⁻⁸ of the value at most.</summary>
    private static void AssertNear(Checkpoint before, Checkpoint copy)
    {
        foreach (CheckpointTensor tensor in before.Tensors.Values)
        {
            float[] values = Values(before, tensor);
            float[] rounded = Values(copy, copy.Tensors[tensor.Name]);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(values[i], rounded[i], Math.Abs(values[i]) / 256, $"{tensor.Name}, {i}");
            }
        }
    }

    private static float[] Values(Checkpoint checkpoint, CheckpointTensor tensor)
    {
        using var file = SafetensorsFile.Open(Path.Combine(checkpoint.Folder, tensor.File));
        return file.ReadSingles(tensor.Name);
    }

    /// <summary>Writes singles into the first norm of a checkpoint, and gives what its copy holds in their places.</summary>
    private static ushort[] Round(TempFolder folder, uint[] singles)
    {
        RandomCheckpoint.Write(folder["checkpoint"], RandomCheckpointOptions.Tiny);
        Checkpoint checkpoint = CheckpointReader.Read(folder["checkpoint"]);
        CheckpointTensor tensor = checkpoint.Tensors["model.layers.0.input_layernorm.weight"];
        using (FileStream file = File.OpenWrite(Path.Combine(checkpoint.Folder, tensor.File)))
        {
            file.Position = tensor.Offset;
            file.Write(MemoryMarshal.AsBytes<uint>(singles));
        }

        Bf16Copy.Write(checkpoint, folder["copy"], CancellationToken.None);
        CheckpointTensor copied = CheckpointReader.Read(folder["copy"]).Tensors[tensor.Name];
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder["copy"], copied.File));
        return MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan((int)copied.Offset, singles.Length * sizeof(ushort))).ToArray();
    }
}
