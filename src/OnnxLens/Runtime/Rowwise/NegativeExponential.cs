using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>Powers of e of numbers that are not above 0, 16 at once, the same on every processor.</summary>
/// <remarks>
/// Good to two units in the last place: exp(x) = 2ⁿ·exp(x − n·ln 2), the remainder's by the polynomial of expf in S. Moshier's Cephes
/// library.
/// </remarks>
internal static class NegativeExponential
{
    /// <summary>Below, it stays at e^−87, about 10⁻³⁸.</summary>
    public const float Least = -87;

    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>Adding it leaves the nearest integer in the low bits.</summary>
    private const float Rounder = 12582912; // 1.5 · 2²³

    /// <summary>e^x for x ≤ 0. A NaN gives any number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
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
