namespace OnnxLens.Runtime.Products;

/// <inheritdoc cref="IZeroPoints"/>
internal readonly struct MiddleZeroPoints : IZeroPoints
{
    /// <inheritdoc/>
    public static bool AreStored => false;
}
