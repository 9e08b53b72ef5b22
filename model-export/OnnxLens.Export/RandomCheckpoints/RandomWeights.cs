using System.Collections.Immutable;
using System.Text;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.RandomCheckpoints;

/// <summary>Draws the values of a made-up weight, in chunks.</summary>
internal static class RandomWeights
{
    private const int ChunkValues = 1 << 14;

    /// <summary>Bytes of a tensor.</summary>
    public static long Bytes(ElementType type, ImmutableArray<long> shape) => Count(shape) * type.ByteSize();

    /// <summary>Writes all values. The stream of numbers depends on seed and name only, so files can be split anywhere.</summary>
    public static void Write(Stream stream, WeightSpec spec, WeightDistribution distribution, ElementType type, ulong seed)
    {
        var random = new Xoshiro256(seed ^ Hash(spec.Name));
        var values = new float[ChunkValues];
        var bytes = new byte[ChunkValues * type.ByteSize()];
        for (long rest = Count(spec.Shape); rest > 0;)
        {
            int count = (int)Math.Min(rest, ChunkValues);
            Fill(values.AsSpan(0, count), distribution, ref random);
            Span<byte> stored = bytes.AsSpan(0, count * type.ByteSize());
            FloatBytes.Store(values.AsSpan(0, count), type, stored);
            stream.Write(stored);
            rest -= count;
        }
    }

    private static long Count(ImmutableArray<long> shape) => shape.Aggregate(1L, (product, size) => checked(product * size));

    private static void Fill(Span<float> values, WeightDistribution distribution, ref Xoshiro256 random)
    {
        // A uniform value in [−w, w] has the standard deviation w / √3; one draw of 64 bits gives two of them.
        const float unit = 1f / 2147483648f;
        float scale = (float)(distribution.StandardDeviation * Math.Sqrt(3)) * unit;
        float mean = (float)distribution.Mean;
        for (int index = 0; index < values.Length; index += 2)
        {
            ulong bits = random.Next();
            values[index] = mean + (scale * (int)bits);
            if (index + 1 < values.Length)
            {
                values[index + 1] = mean + (scale * (int)(bits >> 32));
            }
        }

        if (distribution.RandomSign)
        {
            foreach (ref float value in values)
            {
                value = (random.Next() >> 63) == 0 ? value : -value;
            }
        }
    }

    // FNV-1a, 64 bits: the same on every machine and in every version, unlike string.GetHashCode.
    private static ulong Hash(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte letter in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ letter) * 1099511628211);
        }

        return hash;
    }
}
