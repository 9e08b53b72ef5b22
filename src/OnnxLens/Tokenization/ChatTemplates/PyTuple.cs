namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A tuple.</summary>
internal sealed class PyTuple(params IReadOnlyList<object> items)
{
    public IReadOnlyList<object> Items => items;
}
