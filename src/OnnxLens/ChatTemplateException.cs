namespace OnnxLens;

/// <summary>A chat template is missing or malformed, cannot render these messages, or refuses them itself.</summary>
public sealed class ChatTemplateException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public ChatTemplateException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public ChatTemplateException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>The line of the template, from 1; 0 where the template could not be read at all.</summary>
    public int Line { get; init; }

    /// <summary>What the template said with <c>raise_exception</c>, word for word; null where it did not.</summary>
    public string? Raised { get; init; }
}
