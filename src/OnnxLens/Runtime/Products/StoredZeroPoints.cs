namespace OnnxLens.Runtime.Products;

/// <inheritdoc cref="IZeroPoints"/>
internal readonly struct StoredZeroPoints : IZeroPoints
{
    /// <inheritdoc/>
    public static bool AreStored => true;
}
