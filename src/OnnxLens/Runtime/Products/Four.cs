using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>32 values, eight by eight.</summary>
internal readonly unsafe record struct Four(Vector256<float> First, Vector256<float> Second, Vector256<float> Third, Vector256<float> Fourth)
{
    private const int Lanes = 8;

    /// <summary>Reads 32 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Load(float* source) =>
        new(Vector256.Load(source), Vector256.Load(source + Lanes), Vector256.Load(source + (2 * Lanes)), Vector256.Load(source + (3 * Lanes)));

    /// <summary>Writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        First.Store(destination);
        Second.Store(destination + Lanes);
        Third.Store(destination + (2 * Lanes));
        Fourth.Store(destination + (3 * Lanes));
    }
}
