using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights [N,K] of few bits: scale · (number − zero point). Borrows their memory.</summary>
internal unsafe struct QuantizedWeights
{
    /// <summary>[N,<see cref="QuantizedForm.RowBytes"/>].</summary>
    public byte* Numbers;

    /// <summary>fp32 [N,blocks].</summary>
    public float* Scales;

    /// <summary>[N,<see cref="QuantizedForm.ZeroPointBytes"/>]; null where there are none.</summary>
    public byte* ZeroPoints;

    /// <summary>The layout.</summary>
    public QuantizedForm Form;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>The weights of an output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly QuantizedRow Row(long output) => new()
    {
        Numbers = Numbers + (output * Form.RowBytes(Columns)),
        Scales = Scales + (output * Form.Blocks(Columns)),
        ZeroPoints = ZeroPoints == null ? null : ZeroPoints + (output * Form.ZeroPointBytes(Columns)),
        Shift = BitOperations.Log2((uint)Form.BlockSize / QuantizedRow.Unit),
        MiddlePoint = 1 << (Form.Bits - 1),
        IsNibble = Form.Bits == 4,
    };
}
