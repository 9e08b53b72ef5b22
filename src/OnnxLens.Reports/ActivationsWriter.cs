using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Reports;

/// <summary>Writes captured activations as one safetensors file of fp32 tensors.</summary>
/// <remarks>Metadata: <c>schema</c>, and <c>provenance</c> as JSON.</remarks>
public static class ActivationsWriter
{
    /// <summary>The number that changes when the meaning of names or metadata does.</summary>
    public const int Schema = 1;

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What to write, each read once and row by row.</param>
    /// <param name="provenance">Where it came from.</param>
    /// <exception cref="ArgumentException">A name is used twice, or a shape has no last size or too many rows.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, IReadOnlyList<ActivationTensor> tensors, Provenance provenance)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(provenance);
        var metadata = new Dictionary<string, string>
        {
            ["schema"] = Schema.ToString(CultureInfo.InvariantCulture),
            ["provenance"] = ProvenanceJson.Serialize(provenance),
        };
        SafetensorsWriter.Write(path, [.. tensors.Select(Streamed)], metadata);
    }

    private static SafetensorsTensor Streamed(ActivationTensor tensor)
    {
        (int rows, int width) = Rows(tensor);
        return new SafetensorsTensor(tensor.Name, ElementType.Float, tensor.Shape, stream =>
        {
            float[] row = new float[width];
            for (int i = 0; i < rows; i++)
            {
                tensor.ReadRow(i, row);
                stream.Write(MemoryMarshal.AsBytes<float>(row));
            }
        });
    }

    private static (int Rows, int Width) Rows(ActivationTensor tensor)
    {
        ImmutableArray<long> shape = tensor.Shape;
        bool sound = !shape.IsDefaultOrEmpty && shape[^1] >= 0 && shape[^1] <= Array.MaxLength;
        long rows = 1;
        for (int axis = 0; sound && axis < shape.Length - 1; axis++)
        {
            sound = shape[axis] is >= 0 and <= int.MaxValue && rows * shape[axis] <= int.MaxValue;
            rows *= shape[axis];
        }
        return sound
            ? ((int)rows, (int)shape[^1])
            : throw new ArgumentException($"Tensor '{tensor.Name}' has the shape [{(shape.IsDefault ? "" : string.Join(", ", shape))}]; expected at least one size, none negative, and at most {int.MaxValue} rows.", nameof(tensor));
    }
}
