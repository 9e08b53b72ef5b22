namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What <c>items()</c>, <c>keys()</c> and <c>values()</c> of a dict give.</summary>
/// <param name="TypeName">Python's name of it.</param>
/// <param name="Count">How many items.</param>
/// <param name="Items">The items.</param>
internal sealed record DictView(string TypeName, int Count, IEnumerable<object> Items)
{
    public static DictView OfItems(PyDict dict) => new("dict_items", dict.Count, dict.Entries.Select(entry => new PyTuple(entry.Key, entry.Value)));

    public static DictView OfKeys(PyDict dict) => new("dict_keys", dict.Count, dict.Keys);

    public static DictView OfValues(PyDict dict) => new("dict_values", dict.Count, dict.Values);
}
