using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Rowwise;

namespace OnnxLens.Runtime.Head;

/// <summary>Sums over one row of logits l, with s = l − max l and e = exp s: all that log-sum-exp, entropy and KL need, in one pass.</summary>
/// <param name="Total">Σe.</param>
/// <param name="Products">Σe·s. NaN where a logit is NaN or +∞, which the other sums need not show.</param>
/// <param name="OtherProducts">Σw·s with the weights of another row.</param>
/// <remarks>
/// In single precision over a block, in double over the blocks. e is that of <see cref="NegativeExponential"/>.
/// </remarks>
internal readonly record struct RowSums(double Total, double Products, double OtherProducts)
{
    private const int BlockLength = 1024;

    /// <summary>Sums a row, [V], with weights [V]. Meanwhile what lies behind it in memory is asked for: it is the next row, or is not used.</summary>
    public static RowSums Of(ReadOnlySpan<float> logits, float max, ReadOnlySpan<float> weights)
    {
        var sums = default(RowSums);
        for (int start = 0; start < logits.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, logits.Length - start);
            sums = sums.PlusBlock(logits.Slice(start, length), max, weights.Slice(start, length), logits.Length / Vector512<float>.Count);
        }

        return sums;
    }

    /// <summary>Writes e of each logit.</summary>
    [MethodImpl(HotPath.Options)]
    public static void Exponentials(ReadOnlySpan<float> logits, float max, Span<float> destination)
    {
        var shift = Vector512.Create(max);
        Span<Vector512<float>> written = MemoryMarshal.Cast<float, Vector512<float>>(destination);
        int i = 0;
        foreach (Vector512<float> vector in MemoryMarshal.Cast<float, Vector512<float>>(logits))
        {
            written[i++] = NegativeExponential.Of(vector - shift);
        }

        for (i *= Vector512<float>.Count; i < logits.Length; i++)
        {
            destination[i] = NegativeExponential.Of(Vector512.Create(logits[i] - max))[0];
        }
    }

    [MethodImpl(HotPath.Options)]
    private unsafe RowSums PlusBlock(ReadOnlySpan<float> logits, float max, ReadOnlySpan<float> weights, int ahead)
    {
        var shift = Vector512.Create(max);
        Vector512<float> total = Vector512<float>.Zero;
        Vector512<float> products = Vector512<float>.Zero;
        Vector512<float> otherProducts = Vector512<float>.Zero;
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        ReadOnlySpan<Vector512<float>> others = MemoryMarshal.Cast<float, Vector512<float>>(weights)[..vectors.Length];
        for (int i = 0; i < vectors.Length; i++)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch1((Vector512<float>*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(vectors)) + i + ahead);
            }

            Vector512<float> s = vectors[i] - shift;
            Vector512<float> e = NegativeExponential.Of(s);
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
            float e = NegativeExponential.Of(Vector512.Create(s))[0];
            totals += e;
            sumOfProducts += (double)e * s;
            sumOfOthers += (double)weights[i] * s;
        }

        return new RowSums(Total + totals, Products + sumOfProducts, OtherProducts + sumOfOthers);
    }
}
