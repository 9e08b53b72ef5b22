using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>The weights of one output, in units of 32 columns.</summary>
internal unsafe struct QuantizedRow
{
    /// <summary>Columns of a unit; all have one scale and one zero point.</summary>
    public const int Unit = OneRow.Sums;

    /// <summary>The numbers.</summary>
    public byte* Numbers;

    /// <summary>A scale for each block.</summary>
    public float* Scales;

    /// <summary>A zero point for each block; null where all are <see cref="MiddlePoint"/>.</summary>
    public byte* ZeroPoints;

    /// <summary>Units of a block, as a power of two.</summary>
    public int Shift;

    /// <summary>The zero point where none is stored.</summary>
    public int MiddlePoint;

    /// <summary>True where zero points have four bits, the lower ones first.</summary>
    public bool IsNibble;

    /// <summary>The scale of a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Scale(int unit) => Scales + (unit >> Shift);

    /// <summary>The zero point of a unit; where none is stored, that of the unit before, for all are one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector512<float> Zero16<TNumbers>(int unit, Vector512<float> before)
        where TNumbers : INumbers => ZeroPoints == null ? before : TNumbers.Zero16(ZeroPoint(unit));

    /// <summary><see cref="Zero16"/> for vectors of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<float> Zero8<TNumbers>(int unit, Vector256<float> before)
        where TNumbers : INumbers => ZeroPoints == null ? before : TNumbers.Zero8(ZeroPoint(unit));

    /// <summary>The zero point of a unit, where they are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int ZeroPoint(int unit)
    {
        uint block = (uint)(unit >> Shift);
        return IsNibble ? (ZeroPoints[block / 2] >> (int)(4 * (block % 2))) & 0xF : ZeroPoints[block];
    }
}
