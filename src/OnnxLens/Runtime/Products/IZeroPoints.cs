using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Where zero points come from; a kernel is compiled once for each, and asks no question in its loop.</summary>
internal interface IZeroPoints
{
    /// <summary>The zero point of a unit, as <see cref="INumbers.Load16"/> takes it.</summary>
    /// <typeparam name="TNumbers">The type of the numbers.</typeparam>
    /// <param name="row">The weights of an output.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="before">The zero point of the unit before; at first <see cref="QuantizedRow.MiddlePoint"/>.</param>
    public static abstract Vector512<float> Zero16<TNumbers>(in QuantizedRow row, int unit, Vector512<float> before)
        where TNumbers : INumbers;
}
