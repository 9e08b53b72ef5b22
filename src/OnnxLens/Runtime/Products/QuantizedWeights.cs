using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights [N,K] of few bits: scale · (number − zero point). Borrows their memory.</summary>
internal readonly unsafe struct QuantizedWeights
{
    private readonly byte* _numbers;
    private readonly float* _scales;
    private readonly byte* _zeroPoints;
    private readonly int _blocks;
    private readonly int _zeroPointBytes;
    private readonly int _shift;

    /// <param name="numbers">[N,<see cref="QuantizedForm.RowBytes"/>].</param>
    /// <param name="scales">fp32 [N,<see cref="QuantizedForm.Blocks"/>].</param>
    /// <param name="zeroPoints">[N,<see cref="QuantizedForm.ZeroPointBytes"/>]; null where there are none.</param>
    /// <param name="form">The layout.</param>
    /// <param name="columns">K.</param>
    public QuantizedWeights(byte* numbers, float* scales, byte* zeroPoints, QuantizedForm form, int columns)
    {
        _numbers = numbers;
        _scales = scales;
        _zeroPoints = zeroPoints;
        _blocks = form.Blocks(columns);
        _zeroPointBytes = form.ZeroPointBytes(columns);
        _shift = BitOperations.Log2((uint)form.BlockSize / QuantizedRow.Unit);
        Bits = form.Bits;
        Columns = columns;
        RowBytes = form.RowBytes(columns);
    }

    /// <summary>Bits of a number, 4 or 8.</summary>
    public int Bits { get; }

    /// <summary>True where each block has its own zero point.</summary>
    public bool HasZeroPoints => _zeroPoints != null;

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>Bytes of the numbers of an output.</summary>
    public long RowBytes { get; }

    /// <summary>The weights of an output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public QuantizedRow Row(long output) => new()
    {
        Numbers = _numbers + (output * RowBytes),
        Scales = _scales + (output * _blocks),
        ZeroPoints = _zeroPoints == null ? null : _zeroPoints + (output * _zeroPointBytes),
        Shift = _shift,
        MiddlePoint = 1 << (Bits - 1),
        IsNibble = Bits == 4,
    };
}
