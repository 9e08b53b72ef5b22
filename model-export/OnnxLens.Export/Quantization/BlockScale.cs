using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>Scale and zero point of a block: its weights are scale · (number − zero point).</summary>
/// <param name="Scale">The scale, as stored. Symmetric ones are negative where the weight of the largest magnitude is positive.</param>
/// <param name="Reciprocal">What weights are multiplied by; 0 where the scale is.</param>
/// <param name="ZeroPoint">The number that stands for 0.</param>
internal readonly record struct BlockScale(float Scale, float Reciprocal, byte ZeroPoint)
{
    /// <summary>Symmetric: the weight of the largest magnitude m becomes the number 0, which is −2^(bits−1) steps of −m / 2^(bits−1).</summary>
    /// <remarks>As <c>range2scale</c> of ONNX Runtime (mlas/lib/q4_dq.cpp): so the range −8 … 7 of int4 is used whole, whatever the sign.</remarks>
    public static BlockScale Symmetric(BlockRange range, int bits, ElementType scaleType)
    {
        float most = MathF.Abs(range.Max) > MathF.Abs(range.Min) ? range.Max : range.Min;
        int half = 1 << (bits - 1);
        return Stored(-most / half, scaleType, (byte)half);
    }

    /// <summary>Asymmetric: the range, widened to hold 0, is cut into 2^bits − 1 steps; 0 is a number of its own.</summary>
    /// <remarks>As <c>range2scalezp</c> of ONNX Runtime (mlas/lib/q4_dq.cpp): the zero point is rounded to nearest, halves up.</remarks>
    public static BlockScale Asymmetric(BlockRange range, int bits, ElementType scaleType)
    {
        float min = MathF.Min(range.Min, 0);
        float max = MathF.Max(range.Max, 0);
        int most = (1 << bits) - 1;
        float scale = (max - min) / most;
        float zero = scale == 0 ? 0 : Math.Clamp(0 - (min / scale), 0, most);
        float whole = MathF.Truncate(zero);
        return Stored(scale, scaleType, (byte)(zero - whole >= 0.5f ? whole + 1 : whole));
    }

    /// <summary>
    /// The scale rounded to what is stored, so that numbers are nearest to the weights that are read back. A scale so small that its
    /// reciprocal is no number (below 3e-39) becomes 0: the block's weights are then less than 1e-36, and stored as 0.
    /// </summary>
    private static BlockScale Stored(float scale, ElementType type, byte zeroPoint)
    {
        float stored = type switch
        {
            ElementType.Float16 => (float)(Half)scale,
            ElementType.BFloat16 => RoundToBFloat16(scale),
            _ => scale,
        };
        float reciprocal = stored == 0 ? 0 : 1 / stored;
        return float.IsFinite(reciprocal) ? new BlockScale(stored, reciprocal, zeroPoint) : new BlockScale(0, 0, zeroPoint);
    }

    /// <summary>To nearest, ties to even; infinite where the number is beyond the type.</summary>
    private static float RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
