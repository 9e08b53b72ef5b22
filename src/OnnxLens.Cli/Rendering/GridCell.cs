namespace OnnxLens.Cli.Rendering;

/// <summary>A cell of a table.</summary>
/// <param name="Text">One line of visible text.</param>
/// <param name="Probability">What colours it; null is uncoloured.</param>
/// <param name="AlignRight">True for numbers.</param>
internal readonly record struct GridCell(string Text, float? Probability = null, bool AlignRight = false)
{
    /// <summary>A cell of text.</summary>
    public static implicit operator GridCell(string text) => new(text);
}
