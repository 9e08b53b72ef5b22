namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Something a template does that Jinja refuses. <see cref="ChatTemplate"/> turns it into a <see cref="ChatTemplateException"/> with the line.</summary>
internal sealed class TemplateFault(string message) : Exception(message)
{
    /// <summary>The line, where whoever throws knows it better than the evaluator.</summary>
    public int? Line { get; init; }

    /// <summary>True where the template raised it with <c>raise_exception</c>.</summary>
    public bool Raised { get; init; }
}
