using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Export.Quantization;

/// <summary>Turns the weights of a block into numbers: round(w / scale + zero point), halves up, held within 0 … 2^bits − 1.</summary>
/// <remarks>
/// Single precision, product and sum rounded one after the other, as in ONNX Runtime's quantiser (mlas/lib/q4_dq.cpp), so that both
/// write the same bytes. Vector512 is two halves, four quarters or single numbers on processors that have no more.
/// </remarks>
internal static class BlockNumbers
{
    /// <summary>Writes numbers of 4 bits, two in a byte, the first in the low half.</summary>
    /// <param name="block">A multiple of 16 weights.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="data">Takes half as many bytes.</param>
    public static void Write4(ReadOnlySpan<float> block, BlockScale scale, Span<byte> data)
    {
        ref float first = ref MemoryMarshal.GetReference(block);
        for (int i = 0; i < block.Length; i += Vector512<float>.Count)
        {
            Vector128<ushort> pairs = Round(Vector512.LoadUnsafe(ref first, (nuint)i), scale, 15).AsUInt16();
            Vector128<ushort> packed = (pairs | (pairs >>> 4)) & Vector128.Create((ushort)0xFF);
            BinaryPrimitives.WriteUInt64LittleEndian(data[(i / 2)..], Vector128.Narrow(packed, packed).AsUInt64()[0]);
        }
    }

    /// <summary>Writes numbers of 8 bits.</summary>
    /// <param name="block">A multiple of 16 weights.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="data">Takes as many bytes.</param>
    public static void Write8(ReadOnlySpan<float> block, BlockScale scale, Span<byte> data)
    {
        ref float first = ref MemoryMarshal.GetReference(block);
        for (int i = 0; i < block.Length; i += Vector512<float>.Count)
        {
            Round(Vector512.LoadUnsafe(ref first, (nuint)i), scale, 255).CopyTo(data[i..]);
        }
    }

    /// <summary>Sixteen numbers, a byte each.</summary>
    private static Vector128<byte> Round(Vector512<float> weights, BlockScale scale, float most)
    {
        Vector512<float> steps = (weights * scale.Reciprocal) + Vector512.Create((float)scale.ZeroPoint);
        steps = Vector512.MinNative(Vector512.MaxNative(steps, Vector512<float>.Zero), Vector512.Create(most));
        Vector512<int> whole = Vector512.ConvertToInt32Native(steps);

        // The fraction is exact. Adding a half before truncating is not: 0.49999997 would become 1.
        Vector512<float> fraction = steps - Vector512.ConvertToSingle(whole);
        whole -= Vector512.GreaterThanOrEqual(fraction, Vector512.Create(0.5f)).AsInt32();
        Vector256<ushort> words = Vector256.Narrow(whole.GetLower().AsUInt32(), whole.GetUpper().AsUInt32());
        return Vector128.Narrow(words.GetLower(), words.GetUpper());
    }
}
