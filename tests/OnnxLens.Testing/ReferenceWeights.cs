using System.Runtime.InteropServices;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Onnx;

namespace OnnxLens.Testing;

/// <summary>Reads weights of a checkpoint as doubles, by their byte ranges.</summary>
internal sealed class ReferenceWeights(Checkpoint checkpoint)
{
    public ReferenceMatrix Matrix(string prefix, bool bias) =>
        new(Rows($"{prefix}.weight"), bias ? Vector($"{prefix}.bias") : null);

    public ReferenceNorm Norm(string name) => new(Vector(name), checkpoint.Architecture.RmsNormEpsilon);

    public double[][] Rows(string name)
    {
        int width = checked((int)Tensor(name).Shape[^1]);
        return [.. Vector(name).Chunk(width)];
    }

    public double[] Vector(string name)
    {
        CheckpointTensor tensor = Tensor(name);
        byte[] bytes = new byte[tensor.Bytes];
        using FileStream file = File.OpenRead(Path.Combine(checkpoint.Folder, tensor.File));
        file.Seek(tensor.Offset, SeekOrigin.Begin);
        file.ReadExactly(bytes);
        return tensor.Type switch
        {
            ElementType.Float => Widen<float>(bytes, value => value),
            ElementType.Float16 => Widen<Half>(bytes, value => (double)value),
            ElementType.BFloat16 => Widen<ushort>(bytes, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
            _ => throw new NotSupportedException($"The reference decoder does not read weights of type {tensor.Type} ('{name}')."),
        };
    }

    private CheckpointTensor Tensor(string name) => checkpoint.Tensors.TryGetValue(name, out CheckpointTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"The checkpoint '{checkpoint.Folder}' has no tensor '{name}'.");

    private static double[] Widen<T>(byte[] bytes, Func<T, double> widen) where T : unmanaged
    {
        ReadOnlySpan<T> stored = MemoryMarshal.Cast<byte, T>(bytes);
        double[] values = new double[stored.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = widen(stored[i]);
        }

        return values;
    }
}
