using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The variable <c>loop</c>, and the items of a loop, which it looks ahead in only where it is asked to.</summary>
/// <param name="items">The items.</param>
/// <param name="length">How many they are, where that is known without reading them.</param>
/// <param name="depth">How many recursive calls the loop is in.</param>
/// <param name="recurse">Runs the loop's body on other items; null where the loop is not recursive.</param>
/// <param name="python">Compares what <c>changed</c> is given.</param>
internal sealed class LoopState(IEnumerable<object> items, int? length, int depth, Func<object, int, object>? recurse, PyRuntime python)
{
    private IEnumerator<object> _rest = items.GetEnumerator();
    private int? _length = length;
    private object? _before;
    private object? _current;
    private object? _after;
    private PyTuple? _changed;

    /// <summary>Which item it is, from 0.</summary>
    public int Index0 { get; private set; } = -1;

    /// <summary>How many items there are. Reads them all where that is not known.</summary>
    public int Length
    {
        get
        {
            if (_length is null)
            {
                List<object> rest = [];
                while (_rest.MoveNext())
                    rest.Add(_rest.Current);
                _rest = rest.GetEnumerator();
                _length = rest.Count + Index0 + 1 + (_after is null ? 0 : 1);
            }

            return _length.Value;
        }
    }

    /// <summary>Goes to the next item; null after the last.</summary>
    public object? Next()
    {
        object? next = Peek();
        if (next is null)
            return null;
        _after = null;
        Index0++;
        _before = _current;
        _current = next;
        return next;
    }

    /// <summary>Runs a recursive loop's body on other items.</summary>
    public object Call(CallArguments arguments)
    {
        if (recurse is null)
            throw new TemplateFault("The loop must have the 'recursive' marker to be called recursively.");
        return recurse(arguments.Bind("loop", 1, "iterable")[0]!, depth + 1);
    }

    /// <summary>An attribute; null where there is no such.</summary>
    public object? Attribute(string name) => name switch
    {
        "index" => (BigInteger)(Index0 + 1),
        "index0" => (BigInteger)Index0,
        "first" => Index0 == 0,
        "last" => Peek() is null,
        "length" => (BigInteger)Length,
        "revindex" => (BigInteger)(Length - Index0),
        "revindex0" => (BigInteger)(Length - Index0 - 1),
        "previtem" => Index0 == 0 ? new Undefined("there is no previous item") : _before,
        "nextitem" => Peek() ?? new Undefined("there is no next item"),
        "depth" => (BigInteger)(depth + 1),
        "depth0" => (BigInteger)depth,
        "cycle" => Callable.Method(Cycle),
        "changed" => Callable.Method(Changed),
        _ => null,
    };

    private object? Peek() => _after ??= _rest.MoveNext() ? _rest.Current : null;

    private object Cycle(CallArguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index0 % arguments.Positional.Count]
        : throw new TemplateFault("no items for cycling given");

    private object Changed(CallArguments arguments)
    {
        var values = new PyTuple(arguments.Positional);
        bool changed = _changed is null || !python.Comparisons.Equals(_changed, values);
        _changed = values;
        return changed;
    }
}
