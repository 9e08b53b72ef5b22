using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Head;

/// <summary>Numbers in bf16, as their 16 bits.</summary>
internal static class Bf16Numbers
{
    /// <summary>Widens to single precision, exactly. Compiled for speed at once: the first prompt of a model counts too.</summary>
    [MethodImpl(HotPath.Options)]
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        ReadOnlySpan<Vector<ushort>> vectors = MemoryMarshal.Cast<ushort, Vector<ushort>>(source);
        Span<Vector<uint>> bits = MemoryMarshal.Cast<float, Vector<uint>>(destination);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out Vector<uint> low, out Vector<uint> high);
            bits[2 * i] = low << 16;
            bits[(2 * i) + 1] = high << 16;
        }

        for (int i = vectors.Length * Vector<ushort>.Count; i < source.Length; i++)
        {
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }
}
