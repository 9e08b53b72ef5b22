using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Head;

/// <summary>The largest of some logits.</summary>
internal static class RowMaximum
{
    private const int Lanes = 8;
    private const int Step = 4 * Lanes;

    /// <summary>The largest; of some that hold a NaN, anything.</summary>
    [MethodImpl(HotPath.Options)]
    public static float Of(ReadOnlySpan<float> logits)
    {
        ref float first = ref MemoryMarshal.GetReference(logits);
        var a = Vector256.Create(float.NegativeInfinity);
        Vector256<float> b = a;
        Vector256<float> c = a;
        Vector256<float> d = a;
        int i = 0;
        for (; i <= logits.Length - Step; i += Step)
        {
            a = Vector256.MaxNative(Vector256.LoadUnsafe(ref first, (nuint)i), a);
            b = Vector256.MaxNative(Vector256.LoadUnsafe(ref first, (nuint)(i + Lanes)), b);
            c = Vector256.MaxNative(Vector256.LoadUnsafe(ref first, (nuint)(i + (2 * Lanes))), c);
            d = Vector256.MaxNative(Vector256.LoadUnsafe(ref first, (nuint)(i + (3 * Lanes))), d);
        }

        a = Vector256.MaxNative(Vector256.MaxNative(a, b), Vector256.MaxNative(c, d));
        var four = Vector128.MaxNative(a.GetLower(), a.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        float most = float.MaxNative(four[0], four[1]);
        for (; i < logits.Length; i++)
        {
            most = float.MaxNative(most, logits[i]);
        }

        return most;
    }
}
