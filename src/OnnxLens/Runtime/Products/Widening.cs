using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights of 16 bits that become single precision in memory.</summary>
internal static unsafe class Widening
{
    private const int Lanes = 8;

    /// <summary>Widens weights. Compiled for speed at once: the first prompt of a model counts too.</summary>
    /// <typeparam name="TWeight">Their type.</typeparam>
    /// <param name="weights">The first.</param>
    /// <param name="widened">fp32, as many.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<TWeight>(ushort* weights, float* widened, int count)
        where TWeight : IWeight<ushort>
    {
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            TWeight.Load(weights + i).Store(widened + i);
        }

        if (i < count)
        {
            ushort* rest = stackalloc ushort[Lanes];
            new Span<ushort>(weights + i, count - i).CopyTo(new Span<ushort>(rest, Lanes));
            Vector256<float> values = TWeight.Load(rest);
            for (int lane = 0; i < count; lane++)
            {
                widened[i++] = values[lane];
            }
        }
    }
}
