using System.Runtime.CompilerServices;

namespace OnnxLens.Runtime.Attention;

/// <summary>e^x of numbers that are not above 0, to one place of the last: e^x = 2^n · e^r, with n the whole number nearest to x / ln 2.</summary>
/// <remarks>e^r is 1 + r + r²·p(r), with the p of degree four that is nearest in the largest relative error where |r| is at most ln 2 / 2.</remarks>
/// <typeparam name="TLanes">The processor's vectors.</typeparam>
/// <typeparam name="TVector">Their type.</typeparam>
internal static class Exponential<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    // Below, e^x is no normal number and becomes 0.
    private const float Least = -87;

    private const float OneByLn2 = 1.4426950f;
    private const float Ln2 = 0.69314718f;
    private const float Ln2Rest = -1.9046542e-9f;

    // Added to a number of less than 2^22, it leaves the nearest whole number in the last bits.
    private const float ToWhole = 12_582_912;

    /// <summary>e^x; 0 for less than −87. What is not a number stays so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of(TVector x)
    {
        TVector bounded = TLanes.Max(TLanes.Fill(Least), x);
        TVector whole = TLanes.MultiplyAdd(bounded, TLanes.Fill(OneByLn2), TLanes.Fill(ToWhole));
        TVector n = TLanes.Subtract(whole, TLanes.Fill(ToWhole));
        TVector r = TLanes.MultiplyAdd(n, TLanes.Fill(-Ln2), bounded);
        r = TLanes.MultiplyAdd(n, TLanes.Fill(-Ln2Rest), r);
        TVector p = TLanes.MultiplyAdd(TLanes.Fill(0.0013814539f), r, TLanes.Fill(0.0083687454f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Fill(0.041668389f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Fill(0.16666521f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Fill(0.49999994f));
        p = TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), r);
        TVector power = TLanes.PowerOfTwo(whole);
        return TLanes.ZeroWhereLess(x, TLanes.Fill(Least), TLanes.MultiplyAdd(p, power, power));
    }
}
