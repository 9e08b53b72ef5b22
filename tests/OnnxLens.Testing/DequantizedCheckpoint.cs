using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Testing;

/// <summary>A checkpoint in fp32 whose weights are those that a quantised bundle reads back: the reference decoder over it is what the bundle must compute.</summary>
public static class DequantizedCheckpoint
{
    /// <summary>Writes it.</summary>
    /// <param name="checkpoint">The checkpoint that was exported.</param>
    /// <param name="bundle">Its quantised bundle, in fp32 or fp16.</param>
    /// <param name="form">How it is quantised.</param>
    /// <param name="scope">What is.</param>
    /// <param name="folder">Where to write; must not exist.</param>
    /// <param name="scaleType">What the bundle's scales are stored in: Float or Float16.</param>
    public static Checkpoint Write(Checkpoint checkpoint, string bundle, Quantization form, QuantizationScope scope, string folder, ElementType scaleType = ElementType.Float)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(checkpoint.Folder, "config.json"), Path.Combine(folder, "config.json"));
        var plan = new QuantizationPlan(checkpoint, form, scope, scaleType);
        byte[] data = File.ReadAllBytes(Path.Combine(bundle, QuantizationPlan.FileName));
        var weights = new ReferenceWeights(checkpoint);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"),
        [
            .. checkpoint.Tensors.Values.Select(tensor => new SafetensorsTensor(tensor.Name, ElementType.Float, tensor.Shape, stream =>
            {
                double[] values = plan.Find(tensor.Name) is { } quantized ? Read(data, quantized) : weights.Vector(tensor.Name);
                stream.Write(MemoryMarshal.AsBytes<float>(values.Select(value => (float)value).ToArray()));
            })),
        ]);
        return CheckpointReader.Read(folder);
    }

    /// <summary>A quantised matrix read back from the bytes of a data file whose scales are fp32, or fp16 where they take two bytes.</summary>
    public static double[] Read(byte[] file, QuantizedTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return ReferenceDequantizer.Weights(
            Bytes(tensor.Data),
            Scales(Bytes(tensor.Scales), tensor.Scales.Length / (tensor.Rows * tensor.Blocks)),
            tensor.ZeroPoints is null ? [] : Bytes(tensor.ZeroPoints),
            (int)tensor.Columns, tensor.Form.Bits, tensor.Form.BlockSize);

        ReadOnlySpan<byte> Bytes(ExternalData region) => file.AsSpan((int)region.Offset, (int)region.Length);
    }

    private static float[] Scales(ReadOnlySpan<byte> bytes, long size) => size == sizeof(float)
        ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
        : [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(scale => (float)scale)];
}
