namespace OnnxLens;

/// <summary>A selection of layers, positions, sites or tokens names something that the model or the run does not have.</summary>
public sealed class SelectionException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public SelectionException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public SelectionException(string message, Exception innerException) : base(message, innerException) { }
}
