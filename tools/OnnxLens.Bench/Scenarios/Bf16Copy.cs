using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Bench.Scenarios;

/// <summary>A copy of a checkpoint whose weights are rounded to bf16, all of them, as checkpoints in bf16 are published.</summary>
internal static class Bf16Copy
{
    private const string Config = "config.json";
    private const int ChunkValues = 1 << 16;

    /// <summary>True where the folder holds a whole copy.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, Config));

    /// <summary>Writes the copy. Memory: the largest tensor, as fp32.</summary>
    /// <remarks>Rounds to the nearest bf16, of two as near to the one whose last bit is 0; NaN stays NaN. The config is copied last: a folder that has one is whole.</remarks>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    /// <exception cref="CheckpointException">A weight file cannot be read.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(Checkpoint checkpoint, string folder, CancellationToken cancellation)
    {
        Dictionary<string, SafetensorsFile> sources = [];
        try
        {
            foreach (string file in checkpoint.WeightFiles)
            {
                sources.Add(file, SafetensorsFile.Open(Path.Combine(checkpoint.Folder, file)));
            }

            SafetensorsWriter.Write(
                Path.Combine(folder, "model.safetensors"),
                [.. checkpoint.Tensors.Values.Select(tensor => Rounded(tensor, sources[tensor.File], cancellation))]);
        }
        finally
        {
            foreach (SafetensorsFile source in sources.Values)
            {
                source.Dispose();
            }
        }

        foreach (string file in checkpoint.TokenizerFiles.Append(Config))
        {
            File.Copy(Path.Combine(checkpoint.Folder, file), Path.Combine(folder, file), overwrite: true);
        }
    }

    private static SafetensorsTensor Rounded(CheckpointTensor tensor, SafetensorsFile source, CancellationToken cancellation) =>
        new(tensor.Name, ElementType.BFloat16, tensor.Shape, stream =>
        {
            cancellation.ThrowIfCancellationRequested();
            WriteRounded(stream, source.ReadSingles(tensor.Name));
        });

    private static void WriteRounded(Stream stream, ReadOnlySpan<float> values)
    {
        var rounded = new BFloat16[ChunkValues];
        for (; !values.IsEmpty; values = values[Math.Min(ChunkValues, values.Length)..])
        {
            int count = Math.Min(ChunkValues, values.Length);
            for (int i = 0; i < count; i++)
            {
                rounded[i] = (BFloat16)values[i];
            }

            stream.Write(MemoryMarshal.AsBytes(rounded.AsSpan(0, count)));
        }
    }
}
