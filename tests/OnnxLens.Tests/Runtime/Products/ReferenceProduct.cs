using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Products of rows with weights, number by number in the order that <see cref="OneRow"/> tells.</summary>
internal static class ReferenceProduct
{
    private const int Block = 1024;

    /// <summary>y = x·wᵀ.</summary>
    /// <param name="x">[M,K].</param>
    /// <param name="weights">[N,K].</param>
    /// <param name="columns">K.</param>
    public static float[] Of(float[] x, float[] weights, int columns)
    {
        int outputs = weights.Length / columns;
        float[] y = new float[x.Length / columns * outputs];
        Parallel.For(0, y.Length, i => y[i] = Sum(x.AsSpan(i / outputs * columns, columns), weights.AsSpan(i % outputs * columns, columns)));
        return y;
    }

    private static float Sum(ReadOnlySpan<float> x, ReadOnlySpan<float> weights)
    {
        float? sum = null;
        for (int from = 0; from < x.Length; from += Block)
        {
            int count = Math.Min(Block, x.Length - from);
            float block = SumBlock(x.Slice(from, count), weights.Slice(from, count));
            sum = sum is float before ? before + block : block;
        }

        return sum ?? 0;
    }

    private static float SumBlock(ReadOnlySpan<float> x, ReadOnlySpan<float> weights)
    {
        Span<float> sums = stackalloc float[32];
        sums.Clear();
        for (int k = 0; k < x.Length; k++)
        {
            sums[k % sums.Length] = MathF.FusedMultiplyAdd(x[k], weights[k], sums[k % sums.Length]);
        }

        Span<float> halves = Halves(sums, 16);
        Span<float> quarters = stackalloc float[8];
        for (int i = 0; i < 4; i++)
        {
            quarters[i] = halves[i] + halves[i + 4];
            quarters[i + 4] = halves[i + 8] + halves[i + 12];
        }

        Span<float> four = Halves(quarters, 4);
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    /// <summary>The first values plus those as far behind.</summary>
    private static Span<float> Halves(Span<float> values, int count)
    {
        for (int i = 0; i < count; i++)
        {
            values[i] += values[i + count];
        }

        return values[..count];
    }
}
