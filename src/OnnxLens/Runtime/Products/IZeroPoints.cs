namespace OnnxLens.Runtime.Products;

/// <summary>Whether zero points are stored, as a kernel is compiled for one of both.</summary>
internal interface IZeroPoints
{
    /// <summary>False where all zero points are <see cref="QuantizedRow.MiddlePoint"/>.</summary>
    public static abstract bool AreStored { get; }
}
