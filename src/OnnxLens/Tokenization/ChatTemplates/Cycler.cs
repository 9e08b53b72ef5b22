using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What <c>cycler()</c> gives: its items in turn, again and again.</summary>
internal sealed class Cycler(IReadOnlyList<object> items)
{
    private int _position;

    /// <summary>An attribute; null where there is no such.</summary>
    public object? Attribute(string name) => name switch
    {
        "current" => items[_position],
        "next" => Callable.Method(arguments =>
        {
            arguments.Bind("next", 0);
            object item = items[_position];
            _position = (_position + 1) % items.Count;
            return item;
        }),
        "reset" => Callable.Method(arguments =>
        {
            arguments.Bind("reset", 0);
            _position = 0;
            return None.Value;
        }),
        "pos" => (BigInteger)_position,
        "items" => new PyTuple(items),
        _ => null,
    };
}
