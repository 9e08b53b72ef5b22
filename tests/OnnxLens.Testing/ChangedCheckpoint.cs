using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Testing;

/// <summary>Copies of checkpoints in which one tensor is another.</summary>
public static class ChangedCheckpoint
{
    /// <summary>Copies a checkpoint of one fp32 weight file, with the values of a tensor changed.</summary>
    /// <param name="source">The checkpoint's folder.</param>
    /// <param name="target">The copy's folder.</param>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="change">Takes the index of each value, row-major, and the value, and gives the new one.</param>
    /// <returns>The copy's folder.</returns>
    public static string Write(string source, string target, string tensor, Func<long, float, float> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        string weights = Path.Combine(target, "model.safetensors");
        var header = SafetensorsHeader.Read(weights);
        SafetensorsEntry entry = header.Tensors[tensor];
        if (entry.Type != ElementType.Float)
        {
            throw new ArgumentException($"'{tensor}' is of {entry.Type}; only fp32 is changed here.", nameof(tensor));
        }

        byte[] bytes = File.ReadAllBytes(weights);
        for (long i = 0; i < entry.Elements; i++)
        {
            Span<byte> place = bytes.AsSpan((int)(entry.Offset + (i * sizeof(float))), sizeof(float));
            BitConverter.TryWriteBytes(place, change(i, BitConverter.ToSingle(place)));
        }

        File.WriteAllBytes(weights, bytes);
        return target;
    }
}
