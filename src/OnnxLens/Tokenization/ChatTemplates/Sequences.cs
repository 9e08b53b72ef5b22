using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's iteration, <c>len</c>, truth, <c>in</c>, items and slices.</summary>
internal sealed class Sequences(PyRuntime python)
{
    /// <summary>The items of a value, made while they are read.</summary>
    /// <exception cref="TemplateFault">It has none.</exception>
    public IEnumerable<object> Iterate(object value) =>
        Counted(TryIterate(value) ?? throw new TemplateFault($"'{TypeNames.Of(value)}' object is not iterable"));

    /// <summary>True where <see cref="Iterate"/> gives items.</summary>
    public static bool IsIterable(object value) => TryIterate(value) is not null;

    /// <summary>The items as a list.</summary>
    public PyList ToList(object value)
    {
        List<object> items = [];
        foreach (object item in Iterate(value))
        {
            items.Add(item);
            if (items.Count > Budget.LongestList)
                python.Budget.MakeList(items.Count);
        }

        return new PyList(items);
    }

    /// <summary><c>len(value)</c>; null where there is none.</summary>
    public static int? TryLength(object value) => value switch
    {
        string text => PyText.Length(text),
        Markup markup => PyText.Length(markup.Text),
        PyList list => list.Items.Count,
        PyTuple tuple => tuple.Items.Count,
        PyDict dict => dict.Count,
        PyRange range => range.Count,
        DictView view => view.Count,
        LoopState loop => loop.Length,
        Undefined => 0,
        _ => null,
    };

    /// <summary><c>len(value)</c>.</summary>
    public int Length(object value)
    {
        python.Budget.Spend(Comparisons.TextOf(value)?.Length ?? 0);
        return TryLength(value) ?? throw new TemplateFault($"object of type '{TypeNames.Of(value)}' has no len()");
    }

    /// <summary>Whether a value counts as true.</summary>
    public static bool IsTrue(object value) => value switch
    {
        bool flag => flag,
        None or Undefined => false,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        string text => text.Length > 0,
        Markup markup => markup.Text.Length > 0,
        _ => TryLength(value) is not 0,
    };

    /// <summary><c>item in container</c>.</summary>
    public bool Contains(object container, object item)
    {
        if (Comparisons.TextOf(container) is { } text)
        {
            if (Comparisons.TextOf(item) is not { } part)
                throw new TemplateFault($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}");
            python.Budget.SpendSearch(text, part);
            return text.Contains(part, StringComparison.Ordinal);
        }

        if (container is PyDict dict)
            return dict.Find(item) is not null;
        if (!IsIterable(container))
            throw new TemplateFault($"argument of type '{TypeNames.Of(container)}' is not iterable");
        return Iterate(container).Any(candidate => ReferenceEquals(candidate, item) || python.Comparisons.Equals(candidate, item));
    }

    /// <summary>What Python gives for <c>value[key]</c>; null where it raises a TypeError, IndexError or KeyError.</summary>
    public object? TryItem(object value, object key)
    {
        if (value is PyDict dict)
            return key is PyList or PyDict ? null : dict.Find(key);
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (Numbers.ToInteger(key) is not { } index || value is Generator or DictView or LoopState || TryLength(value) is not { } length)
            return null;
        if (index < 0)
            index += length;
        if (index < 0 || index >= length)
            return null;
        int at = (int)index;
        return value switch
        {
            PyList list => list.Items[at],
            PyTuple tuple => tuple.Items[at],
            PyRange range => range[at],
            string text => Character(text, at),
            Markup markup => new Markup(Character(markup.Text, at)),
            _ => null,
        };
    }

    /// <summary><c>value[start:stop:step]</c>; what is not given is <see cref="None"/>.</summary>
    public object Slice(object value, object start, object stop, object step)
    {
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (value is PyDict)
            throw new TemplateFault("unhashable type: 'slice'");
        if (value is not (string or Markup or PyList or PyTuple or PyRange))
            throw new TemplateFault($"'{TypeNames.Of(value)}' object is not subscriptable");
        int length = Length(value);
        BigInteger stride = step is None ? 1 : SliceIndex(step);
        if (stride.IsZero)
            throw new TemplateFault("slice step cannot be zero");
        bool forward = stride.Sign > 0;
        int first = Bound(start, forward ? 0 : length - 1, length, forward);
        int end = Bound(stop, forward ? length : -1, length, forward);
        int by = (int)BigInteger.Clamp(stride, -length - 1, length + 1);
        return value switch
        {
            PyList list => new PyList(Picked(list.Items, first, end, by)),
            PyTuple tuple => new PyTuple(Picked(tuple.Items, first, end, by)),
            PyRange range => new PyRange(range.Start + (first * range.Step), range.Start + (end * range.Step), range.Step * stride),
            Markup markup => new Markup(Cut(markup.Text, first, end, by)),
            _ => Cut((string)value, first, end, by),
        };
    }

    private static IEnumerable<object>? TryIterate(object value) => value switch
    {
        string text => PyText.Characters(text),
        Markup markup => PyText.Characters(markup.Text).Select(character => new Markup(character)),
        PyList list => list.Items,
        PyTuple tuple => tuple.Items,
        PyDict dict => dict.Keys,
        DictView view => view.Items,
        PyRange range => Enumerable.Range(0, range.Count).Select(index => range[index]),
        Generator generator => generator.Rest(),
        Undefined => [],
        _ => null,
    };

    private IEnumerable<object> Counted(IEnumerable<object> items)
    {
        // The step, which looks at the stack, comes first: a generator may read another that reads another.
        using IEnumerator<object> each = items.GetEnumerator();
        while (true)
        {
            python.Budget.Step();
            if (!each.MoveNext())
                yield break;
            yield return each.Current;
        }
    }

    private static BigInteger SliceIndex(object value) =>
        Numbers.ToInteger(value) ?? throw new TemplateFault("slice indices must be integers or None or have an __index__ method");

    private static int Bound(object given, int otherwise, int length, bool forward)
    {
        if (given is None)
            return otherwise;
        BigInteger index = SliceIndex(given);
        if (index < 0)
            index += length;
        return (int)BigInteger.Clamp(index, forward ? 0 : -1, forward ? length : length - 1);
    }

    private static IEnumerable<int> Indices(int first, int end, int by)
    {
        for (int i = first; by > 0 ? i < end : i > end; i += by)
            yield return i;
    }

    private List<object> Picked(IReadOnlyList<object> items, int first, int end, int by)
    {
        List<object> picked = [.. Indices(first, end, by).Select(index => items[index])];
        python.Budget.MakeList(picked.Count);
        return picked;
    }

    private string Cut(string text, int first, int end, int by)
    {
        python.Budget.MakeText(text.Length);
        if (by == 1)
            return first >= end ? "" : PyText.IsPlain(text) ? text[first..end] : text[PyText.UnitOf(text, first)..PyText.UnitOf(text, end)];
        string[] characters = [.. PyText.Characters(text)];
        return string.Concat(Indices(first, end, by).Select(index => characters[index]));
    }

    private string Character(string text, int index)
    {
        python.Budget.Spend(index);
        return PyText.CharacterAt(text, PyText.IsPlain(text) ? index : PyText.UnitOf(text, index));
    }
}
