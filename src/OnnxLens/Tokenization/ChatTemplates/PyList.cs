namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A list. The sandbox lets no template change one.</summary>
internal sealed class PyList(IReadOnlyList<object> items)
{
    public IReadOnlyList<object> Items => items;
}
