using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Export.Quantization;

/// <summary>The least and the largest weight of a block.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The largest.</param>
internal readonly record struct BlockRange(float Min, float Max)
{
    /// <summary>Measures a block.</summary>
    /// <param name="block">A multiple of 16 weights.</param>
    /// <param name="range">Its range.</param>
    /// <returns>False where a weight is NaN or infinite; the range then means nothing.</returns>
    /// <remarks>Vector512 is two halves, four quarters or single numbers on processors that have no more.</remarks>
    public static bool TryMeasure(ReadOnlySpan<float> block, out BlockRange range)
    {
        ref float first = ref MemoryMarshal.GetReference(block);
        Vector512<float> low = Vector512.LoadUnsafe(ref first);
        Vector512<float> high = low;
        Vector512<float> undefined = low * Vector512<float>.Zero;
        for (int i = Vector512<float>.Count; i < block.Length; i += Vector512<float>.Count)
        {
            Vector512<float> values = Vector512.LoadUnsafe(ref first, (nuint)i);
            low = Vector512.MinNative(low, values);
            high = Vector512.MaxNative(high, values);
            undefined += values * Vector512<float>.Zero; // 0 for numbers, NaN for NaN and infinities.
        }

        range = new BlockRange(Least(low), Largest(high));
        return Vector512.EqualsAll(undefined, Vector512<float>.Zero);
    }

    private static float Least(Vector512<float> values)
    {
        Vector256<float> half = Vector256.MinNative(values.GetLower(), values.GetUpper());
        Vector128<float> quarter = Vector128.MinNative(half.GetLower(), half.GetUpper());
        quarter = Vector128.MinNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return MathF.Min(quarter[0], quarter[1]);
    }

    private static float Largest(Vector512<float> values)
    {
        Vector256<float> half = Vector256.MaxNative(values.GetLower(), values.GetUpper());
        Vector128<float> quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        quarter = Vector128.MaxNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(quarter[0], quarter[1]);
    }
}
