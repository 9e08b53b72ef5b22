using System.Numerics;
using System.Runtime.InteropServices;

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
    public static void Exponentials(ReadOnlySpan<float> logits, float max, Span<float> destination)
    {
        var shift = new Vector<float>(max);
        Span<Vector<float>> written = MemoryMarshal.Cast<float, Vector<float>>(destination);
        int i = 0;
        foreach (Vector<float> vector in MemoryMarshal.Cast<float, Vector<float>>(logits))
        {
            written[i++] = Exp(vector - shift);
        }

        for (i *= Vector<float>.Count; i < logits.Length; i++)
        {
            destination[i] = Exp(new Vector<float>(logits[i] - max))[0];
        }
    }

    private RowSums PlusBlock(ReadOnlySpan<float> logits, float max, ReadOnlySpan<float> weights)
    {
        var shift = new Vector<float>(max);
        Vector<float> total = Vector<float>.Zero;
        Vector<float> products = Vector<float>.Zero;
        Vector<float> otherProducts = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        ReadOnlySpan<Vector<float>> others = MemoryMarshal.Cast<float, Vector<float>>(weights)[..vectors.Length];
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector<float> s = vectors[i] - shift;
            Vector<float> e = Exp(s);
            total += e;
            products = Vector.FusedMultiplyAdd(e, s, products);
            otherProducts = Vector.FusedMultiplyAdd(others[i], s, otherProducts);
        }

        double totals = Vector.Sum(total);
        double sumOfProducts = Vector.Sum(products);
        double sumOfOthers = Vector.Sum(otherProducts);
        for (int i = vectors.Length * Vector<float>.Count; i < logits.Length; i++)
        {
            float s = logits[i] - max;
            float e = Exp(new Vector<float>(s))[0];
            totals += e;
            sumOfProducts += (double)e * s;
            sumOfOthers += (double)weights[i] * s;
        }

        return new RowSums(Total + totals, Products + sumOfProducts, OtherProducts + sumOfOthers);
    }

    /// <summary>For x ≤ 0. A NaN gives any number.</summary>
    private static Vector<float> Exp(Vector<float> x)
    {
        x = Vector.Max(x, new Vector<float>(Least));
        Vector<float> rounded = Vector.FusedMultiplyAdd(x, new Vector<float>(Log2E), new Vector<float>(Rounder));
        Vector<float> n = rounded - new Vector<float>(Rounder);
        Vector<float> r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2High), x);
        r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2Low), r);
        Vector<float> p = new(1.9875691500e-4f);
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(1.3981999507e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(8.3334519073e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(4.1665795894e-2f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(1.6666665459e-1f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(5.0000001201e-1f));
        Vector<float> power = Vector.FusedMultiplyAdd(p, r * r, r + Vector<float>.One);
        return Vector.AsVectorSingle(Vector.AsVectorInt32(power) + Vector.ShiftLeft(Vector.AsVectorInt32(rounded), 23));
    }
}
