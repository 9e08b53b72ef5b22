namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A sequence that is made while it is read, and read once: what <c>map</c>, <c>select</c> and their kin give.</summary>
internal sealed class Generator(IEnumerable<object> items, string typeName = "generator")
{
    private readonly IEnumerator<object> _items = items.GetEnumerator();

    /// <summary>Python's name of it.</summary>
    public string TypeName => typeName;

    /// <summary>What is left of it.</summary>
    public IEnumerable<object> Rest()
    {
        while (_items.MoveNext())
            yield return _items.Current;
    }
}
