namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A dict, in the order in which keys were put in. No template can change one that it has been given.</summary>
internal sealed class PyDict(Comparisons comparisons)
{
    private readonly OrderedDictionary<object, object> _entries = new(comparisons);

    public int Count => _entries.Count;

    public IEnumerable<object> Keys => _entries.Keys;

    public IEnumerable<object> Values => _entries.Values;

    public IEnumerable<KeyValuePair<object, object>> Entries => _entries;

    /// <summary>Sets a key; it keeps its place where it is there.</summary>
    public object this[object key]
    {
        set => _entries[key] = value;
    }

    /// <summary>The value of a key; null where it is not there.</summary>
    public object? Find(object key) => _entries.TryGetValue(key, out object? value) ? value : null;
}
