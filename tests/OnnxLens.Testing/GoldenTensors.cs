using System.Collections.Immutable;
using OnnxLens.Safetensors;

namespace OnnxLens.Testing;

/// <summary>The tensors of a golden file, read when asked for.</summary>
/// <param name="path">The safetensors file.</param>
public sealed class GoldenTensors(string path)
{
    /// <summary>True where the file has the tensor.</summary>
    public bool Has(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Header.Tensors.ContainsKey(name);
    }

    /// <summary>The sizes of a tensor.</summary>
    public ImmutableArray<long> Shape(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Header.Tensors[name].Shape;
    }

    /// <summary>All values of a floating-point tensor, row-major.</summary>
    public float[] Singles(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.ReadSingles(name);
    }

    /// <summary>A floating-point tensor cut along its last axis: one array per row, the leading axes row-major.</summary>
    public float[][] Rows(string name) => [.. Singles(name).Chunk(checked((int)Shape(name)[^1]))];

    /// <summary>All values of an integer tensor, row-major.</summary>
    public int[] Ids(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return [.. file.ReadInt64(name).Select(value => checked((int)value))];
    }
}
