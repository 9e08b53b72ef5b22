using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

internal sealed partial class Filters
{
    private BigInteger Length(object value, CallArguments arguments)
    {
        arguments.Bind("length", 0);
        return _python.Sequences.Length(value);
    }

    private PyList List(object value, CallArguments arguments)
    {
        arguments.Bind("list", 0);
        return _python.Sequences.ToList(value);
    }

    private object First(object value, CallArguments arguments)
    {
        arguments.Bind("first", 0);
        return _python.Sequences.Iterate(value).FirstOrDefault() ?? new Undefined("No first item, sequence was empty.");
    }

    private object Last(object value, CallArguments arguments)
    {
        arguments.Bind("last", 0);
        if (value is Generator)
            throw new TemplateFault($"'{TypeNames.Of(value)}' object is not reversible");
        return _python.Sequences.Iterate(value).LastOrDefault() ?? new Undefined("No last item, sequence was empty.");
    }

    private object Reverse(object value, CallArguments arguments)
    {
        arguments.Bind("reverse", 0);
        if (Comparisons.TextOf(value) is { } text)
            return Operators.Like(value, string.Concat(PyText.Characters(text).Reverse()));
        if (!Sequences.IsIterable(value))
            throw new TemplateFault("argument must be iterable");
        IReadOnlyList<object> items = _python.Sequences.ToList(value).Items;
        object[] reversed = [.. items.Reverse()];
        return value is Generator ? new PyList(reversed) : new Generator(reversed, "list_reverseiterator");
    }

    private static Generator Items(object value, CallArguments arguments)
    {
        arguments.Bind("items", 0);
        return value switch
        {
            Undefined => new Generator([]),
            PyDict dict => new Generator(DictView.OfItems(dict).Items),
            _ => throw new TemplateFault("Can only get item pairs from a mapping."),
        };
    }

    private PyList DictSort(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        string by = given[1] is null ? "key" : CallArguments.Text(given[1]!);
        if (by is not ("key" or "value"))
            throw new TemplateFault("You can only sort by either \"key\" or \"value\"");
        if (value is not PyDict dict)
            throw new TemplateFault($"the filter 'dictsort' is for mappings, not for a value of type '{TypeNames.Of(value)}'");
        return new PyList(_python.Comparisons.Sort(DictView.OfItems(dict).Items, item => Fold(((PyTuple)item).Items[by == "key" ? 0 : 1], CallArguments.Flag(given[0])), CallArguments.Flag(given[2])));
    }

    private PyList Sort(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        object?[] paths = Comparisons.TextOf(given[2]) is { } text ? [.. text.Split(',')] : [given[2]];
        Func<object, object>[] getters = [.. paths.Select(path => Getter(path))];
        return new PyList(_python.Comparisons.Sort(
            _python.Sequences.ToList(value).Items, item => new PyTuple([.. getters.Select(get => Fold(get(item), CallArguments.Flag(given[1])))]), CallArguments.Flag(given[0])));
    }

    private object Extreme(string name, object value, CallArguments arguments, int sign)
    {
        object?[] given = arguments.Bind(name, 0, "case_sensitive", "attribute");
        Func<object, object> get = Getter(given[1]);
        object? best = null;
        object? bestKey = null;
        foreach (object item in _python.Sequences.Iterate(value))
        {
            object key = Fold(get(item), CallArguments.Flag(given[0]));
            if (best is null || _python.Comparisons.Order(key, bestKey!, sign > 0 ? ">" : "<") * sign > 0)
                (best, bestKey) = (item, key);
        }

        return best ?? new Undefined("No aggregated item, sequence was empty.");
    }

    private Generator Unique(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        Func<object, object> get = Getter(given[1]);
        var seen = new HashSet<object>(_python.Comparisons);
        return new Generator(_python.Sequences.Iterate(value).Where(item => seen.Add(Fold(get(item), CallArguments.Flag(given[0])))));
    }

    private PyList GroupBy(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        Func<object, object> get = Getter(given[0], given[1]);
        bool caseSensitive = CallArguments.Flag(given[2]);
        List<(object Key, List<object> Items)> groups = [];
        foreach (object item in _python.Comparisons.Sort(_python.Sequences.ToList(value).Items, item => Fold(get(item), caseSensitive)))
        {
            object key = get(item);
            if (groups.Count == 0 || !_python.Comparisons.Equals(Fold(groups[^1].Key, caseSensitive), Fold(key, caseSensitive)))
                groups.Add((key, []));
            groups[^1].Items.Add(item);
        }

        return new PyList([.. groups.Select(group => new PyTuple(group.Key, new PyList(group.Items)))]);
    }

    private Generator Batch(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("batch", 1, "linecount", "fill_with");
        int size = CallArguments.Size(given[0]!);
        return new Generator(size <= 0 ? [_python.Sequences.ToList(value)] : Batches());

        IEnumerable<object> Batches()
        {
            foreach (object[] batch in _python.Sequences.Iterate(value).Chunk(Math.Min(size, Budget.LongestList)))
                yield return new PyList(Filled(batch, given[1], size));
        }
    }

    private Generator Slice(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("slice", 1, "slices", "fill_with");
        int slices = CallArguments.Size(given[0]!);
        if (slices == 0)
            throw new TemplateFault("integer division or modulo by zero");
        return new Generator(Slices());

        IEnumerable<object> Slices()
        {
            IReadOnlyList<object> items = _python.Sequences.ToList(value).Items;
            int size = items.Count / Math.Max(1, slices);
            int longer = items.Count % Math.Max(1, slices);
            int start = 0;
            for (int i = 0; i < slices; i++)
            {
                _python.Budget.Step();
                int end = start + size + (i < longer ? 1 : 0);
                yield return new PyList(Filled([.. items.Skip(start).Take(end - start)], i >= longer ? given[1] : null, size + 1));
                start = end;
            }
        }
    }

    private object[] Filled(object[] items, object? fill, int size)
    {
        if (fill is null or None || items.Length >= size)
            return items;
        _python.Budget.MakeList(size);
        return [.. items, .. Enumerable.Repeat(fill, size - items.Length)];
    }

    private Generator Map(object value, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.Any(argument => argument.Key == "attribute"))
        {
            object?[] given = arguments.Bind("map", 1, "attribute", "default");
            return new Generator(Mapped(value, Getter(given[0], given[1])));
        }

        if (arguments.Positional.Count == 0)
            throw new TemplateFault("map requires a filter argument");
        string name = CallArguments.Text(arguments.Positional[0]);
        CallArguments rest = arguments.Skip(1);
        return new Generator(Mapped(value, item => Run(name, item, rest)));
    }

    private IEnumerable<object> Mapped(object value, Func<object, object> map) => Sequences.IsTrue(value) ? _python.Sequences.Iterate(value).Select(map) : [];

    private Generator Select(string filter, object value, CallArguments arguments, bool wanted, bool byAttribute)
    {
        if (byAttribute && arguments.Positional.Count == 0)
            throw new TemplateFault("Missing parameter for attribute name");
        Func<object, object> get = Getter(byAttribute ? arguments.Positional[0] : null);
        int used = byAttribute ? 1 : 0;
        CallArguments rest = arguments.Skip(used + 1);
        string? test = arguments.Positional.Count > used ? CallArguments.Text(arguments.Positional[used]) : null;
        if (test is not null && !Tests.Has(test))
            throw new TemplateFault($"there is no test named '{test}', which the filter '{filter}' is given");
        return new Generator(Sequences.IsTrue(value) ? _python.Sequences.Iterate(value).Where(item => Passes(get(item)) == wanted) : []);

        bool Passes(object item) => test is null ? Sequences.IsTrue(item) : _tests.Run(test, item, rest);
    }
}
