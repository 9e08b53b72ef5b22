namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A part of a parsed template.</summary>
/// <param name="Line">Its line, from 1.</param>
internal abstract record Node(int Line)
{
    /// <summary>The parts it is made of, in the order of the text.</summary>
    public virtual IEnumerable<Node> Children => [];
}
