using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>Control vectors of llama.cpp and repeng: a GGUF file whose tensors are named <c>direction.{n}</c>.</summary>
/// <remarks>
/// Both add <c>direction.n</c> to what block n puts out, blocks counted from 0 (llama.cpp: common_control_vector_load and
/// llama_adapter_cvec, whose two offsets by one cancel; repeng: ControlModule, which wraps the block). That is resid_post.n.
/// llama.cpp refuses a whole file for a direction.0; repeng has no such rule.
/// </remarks>
internal static class GgufVectors
{
    /// <summary>The architecture of such files.</summary>
    internal const string Architecture = "controlvector";

    /// <summary>The key of the architecture.</summary>
    internal const string ArchitectureKey = "general.architecture";

    /// <summary>The key of the model's family.</summary>
    internal const string HintKey = "controlvector.model_hint";

    /// <summary>The key of the number of directions.</summary>
    internal const string CountKey = "controlvector.layer_count";

    /// <summary>The alignment where the file does not say another.</summary>
    internal const uint DefaultAlignment = 32;

    /// <summary>The ggml type of single precision.</summary>
    internal const uint Float32 = 0;

    /// <summary>How a tensor's name begins.</summary>
    internal const string Prefix = "direction.";

    private const string AlignmentKey = "general.alignment";
    private const string Form = "gguf";
    private const string Convention = "direction.n is added to the output of block n, counted from 0, as llama.cpp and repeng do: resid_post.n";
    private const uint Float16 = 1;

    /// <summary>The next multiple of an alignment.</summary>
    internal static long Align(long bytes, uint alignment = DefaultAlignment) => (bytes + alignment - 1) / alignment * alignment;

    /// <summary>Reads a file. Tensors are [H] of F32 or F16.</summary>
    internal static VectorFileContent Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var reader = new GgufReader(stream, path);
        (int tensorCount, int pairCount) = reader.ReadCounts();
        Dictionary<string, object?> pairs = ReadPairs(reader, pairCount);
        List<string> notes = [$"Layers: {Convention}."];
        RequireControlVector(path, pairs, notes);
        GgufTensor[] tensors = [.. Enumerable.Range(0, tensorCount).Select(_ => reader.ReadTensor())];
        var directions = new DirectionSet(path);
        foreach (Placed placed in Place(reader, Alignment(reader, pairs), path, tensors, directions))
        {
            directions.Add(placed.Point, ReadValues(stream, placed));
        }

        string? hint = pairs.GetValueOrDefault(HintKey) as string;
        Func<Site, VectorOrigin?> origin = VectorMetadata.Read(pairs.GetValueOrDefault(VectorMetadata.Key) as string, path);
        return new VectorFileContent(path, Form, directions.Build(site => (origin(site) ?? new VectorOrigin { Model = hint is { Length: > 0 } ? hint : null }) with { LayerConvention = Convention }), [.. notes]);
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="SelectionException">A vector is at another site than resid_post, or has a layer 0.</exception>
    internal static void Write(string path, IReadOnlyList<SteeringVector> vectors)
    {
        RequireWritable([.. vectors.SelectMany(vector => vector.Layers.Keys.Select(layer => new HookPoint(vector.Site, layer)))]);
        AtomicFile.Write(path, stream => GgufWriter.Write(stream, vectors[0]));
    }

    /// <summary>Refuses hook points whose vectors a file cannot hold.</summary>
    /// <exception cref="SelectionException">One is at another site than resid_post, or at layer 0.</exception>
    internal static void RequireWritable(IReadOnlyList<HookPoint> points)
    {
        foreach (HookPoint point in points)
        {
            if (point.Site != Site.ResidPost)
            {
                throw new SelectionException($"A GGUF control vector is added to the output of a block, so it can only hold '{Site.ResidPost.Name()}'; this vector is at '{point.Site.Name()}'. Write a .safetensors file, or choose the site.");
            }

            if (point.Layer == 0)
            {
                throw new SelectionException($"llama.cpp refuses control vectors with a direction for block 0, and this one has '{point}'. Write a .safetensors file, or choose layers from 1 on: --layers 1-{Math.Max(1, points.Max(other => other.Layer))}, or FILE@{point.Site.Name()}.1-{Math.Max(1, points.Max(other => other.Layer))}.");
            }
        }
    }

    private static Dictionary<string, object?> ReadPairs(GgufReader reader, int count)
    {
        var pairs = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            (string key, object? value) = reader.ReadPair();
            if (!pairs.TryAdd(key, value))
            {
                throw reader.Broken($"the key {DirectionSet.Quoted(key)} comes twice");
            }
        }

        return pairs;
    }

    private static void RequireControlVector(string path, Dictionary<string, object?> pairs, List<string> notes)
    {
        if (!pairs.TryGetValue(ArchitectureKey, out object? architecture))
        {
            notes.Add($"The file does not say its architecture; it is read as '{Architecture}'.");
        }
        else if (architecture as string != Architecture)
        {
            throw DirectionSet.Broken(path, $"the GGUF file's architecture is {DirectionSet.Quoted(architecture as string ?? "no text")}, not '{Architecture}'", "It may be a model; give a file of control vectors.");
        }
    }

    private static uint Alignment(GgufReader reader, Dictionary<string, object?> pairs)
    {
        if (!pairs.TryGetValue(AlignmentKey, out object? value))
        {
            return DefaultAlignment;
        }

        return value is uint alignment && BitOperations.IsPow2(alignment)
            ? alignment
            : throw reader.Broken($"'{AlignmentKey}' is {value ?? "of another type"}; expected a power of two of type uint32");
    }

    /// <summary>Where each tensor's values lie, found to be within the file and apart from each other.</summary>
    private static List<Placed> Place(GgufReader reader, uint alignment, string path, GgufTensor[] tensors, DirectionSet directions)
    {
        long start = reader.DataStart(alignment);
        var placed = new List<Placed>();
        foreach (GgufTensor tensor in tensors)
        {
            string name = DirectionSet.Quoted(tensor.Name);
            if (!tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) || !VectorNames.TryLayer(tensor.Name[Prefix.Length..], out int layer))
            {
                throw DirectionSet.Broken(path, $"tensor {name} is no direction", "Expected tensors named direction.1, direction.2 and so on.");
            }

            if (tensor.Type is not (Float32 or Float16))
            {
                throw DirectionSet.Broken(path, $"tensor {name} is of the ggml type {tensor.Type}", $"Expected F32 ({Float32}) or F16 ({Float16}): write the control vector without quantising it.");
            }

            if (tensor.Sizes[1..].Any(size => size != 1))
            {
                throw DirectionSet.Broken(path, $"tensor {name} has the shape [{string.Join(", ", tensor.Sizes.Reverse())}]", "Expected [H], one vector for one layer.");
            }

            int elementBytes = tensor.Type == Float32 ? sizeof(float) : sizeof(ushort);
            ulong room = (ulong)Math.Max(0, reader.Length - start);
            if (tensor.Offset % alignment != 0 || tensor.Offset > room || tensor.Sizes[0] > Math.Min((ulong)Array.MaxLength, (room - tensor.Offset) / (ulong)elementBytes))
            {
                throw reader.Broken($"tensor {name} says that its {tensor.Sizes[0]} values begin at byte {tensor.Offset} of the data, which are {room} bytes, aligned to {alignment}");
            }

            var point = new HookPoint(Site.ResidPost, layer);
            directions.Claim(point, tensor.Name);
            placed.Add(new Placed(point, tensor.Name, start + (long)tensor.Offset, (int)tensor.Sizes[0], elementBytes));
        }

        placed.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        for (int i = 1; i < placed.Count; i++)
        {
            if (placed[i - 1].Offset + ((long)placed[i - 1].Count * placed[i - 1].ElementBytes) > placed[i].Offset)
            {
                throw reader.Broken($"tensor {DirectionSet.Quoted(placed[i].Name)} overlaps the one before it");
            }
        }

        return placed;
    }

    private static float[] ReadValues(FileStream stream, Placed placed)
    {
        float[] values = new float[placed.Count];
        stream.Position = placed.Offset;
        if (placed.ElementBytes == sizeof(float))
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            var halves = new Half[placed.Count];
            stream.ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan()));
            TensorPrimitives.ConvertToSingle(halves, values);
        }

        return values;
    }

    private sealed record Placed(HookPoint Point, string Name, long Offset, int Count, int ElementBytes);
}
