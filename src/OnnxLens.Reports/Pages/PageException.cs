namespace OnnxLens.Reports.Pages;

/// <summary>A file is no page of this program, is damaged, or holds another kind of run than is needed; or one to be written would hold more than browsers open.</summary>
public sealed class PageException : OnnxLensException
{
    /// <summary>Creates the exception with a complete message.</summary>
    public PageException(string message) : base(message) { }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    public PageException(string message, Exception innerException) : base(message, innerException) { }
}
