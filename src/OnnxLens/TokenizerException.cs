namespace OnnxLens;

/// <summary>A tokenizer file is missing, malformed, or of a kind that is not read.</summary>
public sealed class TokenizerException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public TokenizerException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public TokenizerException(string message, Exception innerException) : base(message, innerException) { }
}
