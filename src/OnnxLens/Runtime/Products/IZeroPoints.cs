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

    /// <summary><see cref="Zero16"/> for vectors of eight.</summary>
    public static abstract Vector256<float> Zero8<TNumbers>(in QuantizedRow row, int unit, Vector256<float> before)
        where TNumbers : INumbers;

    /// <summary>The weights of eight numbers, as a sum of products takes them: factor · (number − zero), rounded once.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="zero">The zero point, in every lane.</param>
    /// <param name="factor">The scale, in every lane.</param>
    public static abstract Vector256<float> Weights8(Vector256<float> numbers, Vector256<float> zero, Vector256<float> factor);
}
