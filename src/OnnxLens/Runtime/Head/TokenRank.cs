using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Head;

/// <summary>The place of a token among all by falling logit, counted from 0; ties by lower id.</summary>
internal static class TokenRank
{
    /// <summary>Counts the tokens before it that have as high a logit, and those behind it that have a higher: one comparison for each.</summary>
    public static int Of(int id, ReadOnlySpan<float> logits)
    {
        float logit = logits[id];
        return CountAtLeast(logit, logits[..id]) + CountAbove(logit, logits[(id + 1)..]);
    }

    [MethodImpl(HotPath.Options)]
    private static int CountAtLeast(float bound, ReadOnlySpan<float> logits)
    {
        var bounds = Vector512.Create(bound);
        Vector512<int> counts = Vector512<int>.Zero;
        foreach (Vector512<float> vector in MemoryMarshal.Cast<float, Vector512<float>>(logits))
        {
            counts -= Vector512.GreaterThanOrEqual(vector, bounds).AsInt32(); // True is −1.
        }

        int count = Vector512.Sum(counts);
        foreach (float logit in Rest(logits))
        {
            count += logit >= bound ? 1 : 0;
        }

        return count;
    }

    [MethodImpl(HotPath.Options)]
    private static int CountAbove(float bound, ReadOnlySpan<float> logits)
    {
        var bounds = Vector512.Create(bound);
        Vector512<int> counts = Vector512<int>.Zero;
        foreach (Vector512<float> vector in MemoryMarshal.Cast<float, Vector512<float>>(logits))
        {
            counts -= Vector512.GreaterThan(vector, bounds).AsInt32();
        }

        int count = Vector512.Sum(counts);
        foreach (float logit in Rest(logits))
        {
            count += logit > bound ? 1 : 0;
        }

        return count;
    }

    /// <summary>What no whole vector covers.</summary>
    private static ReadOnlySpan<float> Rest(ReadOnlySpan<float> logits) => logits[^(logits.Length % Vector512<float>.Count)..];
}
