using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Head;

/// <summary>Sums over one row of logits l, with s = l − max l and e = exp s: all that log-sum-exp, entropy and KL need, in one pass.</summary>
/// <param name="Total">Σe.</param>
/// <param name="Products">Σe·s. NaN where a logit is NaN or +∞, which the other sums need not show.</param>
/// <param name="OtherProducts">Σw·s with the weights of another row.</param>
/// <remarks>
/// In single precision over a block, in double over the blocks. e is good to two units in the last place: exp(x) = 2ⁿ·exp(x − n·ln 2),
/// the remainder's by the polynomial of expf in S. Moshier's Cephes library. Below −87 it stays at exp(−87), about 10⁻³⁸.
/// </remarks>
internal readonly record struct RowSums(double Total, double Products, double OtherProducts)
{
    private const int BlockLength = 1024;
    private const float Least = -87;
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>Adding it leaves the nearest integer in the low bits.</summary>
    private const float Rounder = 12582912; // 1.5 · 2²³

    /// <summary>Sums a row, [V], with weights [V].</summary>
    public static RowSums Of(ReadOnlySpan<float> logits, float max, ReadOnlySpan<float> weights)
    {
        var sums = default(RowSums);
        for (int start = 0; start < logits.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, logits.Length - start);
            sums = sums.PlusBlock(logits.Slice(start, length), max, weights.Slice(start, length));
        }

        return sums;
    }

    /// <summary>Writes e of each logit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exponentials(ReadOnlySpan<float> logits, float max, Span<float> destination)
    {
        var shift = Vector512.Create(max);
        Span<Vector512<float>> written = MemoryMarshal.Cast<float, Vector512<float>>(destination);
        int i = 0;
        foreach (Vector512<float> vector in MemoryMarshal.Cast<float, Vector512<float>>(logits))
        {
            written[i++] = Exp(vector - shift);
        }

        for (i *= Vector512<float>.Count; i < logits.Length; i++)
        {
            destination[i] = Exp(Vector512.Create(logits[i] - max))[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RowSums PlusBlock(ReadOnlySpan<float> logits, float max, ReadOnlySpan<float> weights)
    {
        var shift = Vector512.Create(max);
        Vector512<float> total = Vector512<float>.Zero;
        Vector512<float> products = Vector512<float>.Zero;
        Vector512<float> otherProducts = Vector512<float>.Zero;
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        ReadOnlySpan<Vector512<float>> others = MemoryMarshal.Cast<float, Vector512<float>>(weights)[..vectors.Length];
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector512<float> s = vectors[i] - shift;
            Vector512<float> e = Exp(s);
            total += e;
            products = Vector512.FusedMultiplyAdd(e, s, products);
            otherProducts = Vector512.FusedMultiplyAdd(others[i], s, otherProducts);
        }

        double totals = Vector512.Sum(total);
        double sumOfProducts = Vector512.Sum(products);
        double sumOfOthers = Vector512.Sum(otherProducts);
        for (int i = vectors.Length * Vector512<float>.Count; i < logits.Length; i++)
        {
            float s = logits[i] - max;
            float e = Exp(Vector512.Create(s))[0];
            totals += e;
            sumOfProducts += (double)e * s;
            sumOfOthers += (double)weights[i] * s;
        }

        return new RowSums(Total + totals, Products + sumOfProducts, OtherProducts + sumOfOthers);
    }

    /// <summary>For x ≤ 0. A NaN gives any number.</summary>
    private static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MaxNative(x, Vector512.Create(Least));
        Vector512<float> rounded = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(Rounder));
        Vector512<float> n = rounded - Vector512.Create(Rounder);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        Vector512<float> power = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512<float>.One);
        return (power.AsInt32() + Vector512.ShiftLeft(rounded.AsInt32(), 23)).AsSingle();
    }
}
