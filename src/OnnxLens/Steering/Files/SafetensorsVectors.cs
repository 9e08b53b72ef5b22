using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;

namespace OnnxLens.Steering.Files;

/// <summary>Our own form: a safetensors file whose tensors are named <c>{site}.{layer}</c>.</summary>
internal static class SafetensorsVectors
{
    private const string Form = "safetensors";

    /// <summary>Reads a file. Tensors are [H] or [1,H], of any floating-point type.</summary>
    internal static VectorFileContent Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var directions = new DirectionSet(path);
        (HookPoint Point, SafetensorsEntry Entry)[] points = [.. file.Header.Entries.Select(entry => (Point(path, entry), entry))];
        foreach ((HookPoint point, SafetensorsEntry entry) in points)
        {
            directions.Claim(point, entry.Name);
        }

        foreach ((HookPoint point, SafetensorsEntry entry) in points)
        {
            directions.Add(point, file.ReadSingles(entry.Name));
        }

        Func<Site, VectorOrigin?> origin = VectorMetadata.Read(file.Header.Metadata.GetValueOrDefault(VectorMetadata.Key), path);
        return new VectorFileContent(path, Form, directions.Build(origin), []);
    }

    /// <summary>Writes a file of fp32 tensors [H], sites in forward order, then layers.</summary>
    internal static void Write(string path, IReadOnlyList<SteeringVector> vectors)
    {
        IEnumerable<SafetensorsTensor> tensors =
            from vector in vectors
            from layer in vector.Layers
            select new SafetensorsTensor(new HookPoint(vector.Site, layer.Key).ToString(), ElementType.Float, [vector.HiddenSize], stream => stream.Write(MemoryMarshal.AsBytes(layer.Value.AsSpan())));
        SafetensorsWriter.Write(path, [.. tensors], new Dictionary<string, string> { [VectorMetadata.Key] = VectorMetadata.Write(vectors) });
    }

    private static HookPoint Point(string path, SafetensorsEntry entry)
    {
        if (!VectorNames.TryPoint(entry.Name, out HookPoint point))
        {
            throw VectorNames.Unknown(path, entry.Name);
        }

        ImmutableArray<long> shape = entry.Shape;
        return shape is [_] or [1, _]
            ? point
            : throw DirectionSet.Broken(path, $"{DirectionSet.Quoted(entry.Name)} has the shape [{string.Join(", ", shape.Take(8))}]", "Expected [H] or [1, H], one vector for one layer.");
    }
}
