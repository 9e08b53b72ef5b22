using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The methods of lists, tuples, dicts and numbers that change nothing.</summary>
internal static class ValueMethods
{
    /// <summary>A method by its name; null where there is no such.</summary>
    public static Callable? Find(PyRuntime python, object owner, string name)
    {
        Func<CallArguments, object>? method = owner switch
        {
            PyDict dict => OfDict(python, dict, name),
            PyList list => OfItems(python, list.Items, name) ?? (name == "copy" ? Without(name, () => new PyList(list.Items)) : null),
            PyTuple tuple => OfItems(python, tuple.Items, name),
            double real => name == "is_integer" ? Without(name, () => double.IsInteger(real)) : null,
            BigInteger whole => name == "bit_length" ? Without(name, () => (BigInteger)BigInteger.Abs(whole).GetBitLength()) : null,
            _ => null,
        };
        return method is null ? null : Callable.Method(method);
    }

    private static Func<CallArguments, object> Without(string name, Func<object> method) => arguments =>
    {
        arguments.Bind(name, 0);
        return method();
    };

    private static Func<CallArguments, object>? OfDict(PyRuntime python, PyDict dict, string name) => name switch
    {
        "items" => Without(name, () => DictView.OfItems(dict)),
        "keys" => Without(name, () => DictView.OfKeys(dict)),
        "values" => Without(name, () => DictView.OfValues(dict)),
        "get" => arguments =>
        {
            object?[] given = arguments.Bind(name, 1, "key", "default");
            return dict.Find(given[0]!) ?? given[1] ?? None.Value;
        }
        ,
        "copy" => Without(name, () => Copy(python, dict)),
        _ => null,
    };

    private static Func<CallArguments, object>? OfItems(PyRuntime python, IReadOnlyList<object> items, string name)
    {
        return name switch
        {
            "count" => arguments => (BigInteger)Matches(arguments.Bind(name, 1, "value")[0]!).Count(),
            "index" => arguments =>
            {
                object?[] given = arguments.Bind(name, 1, "value", "start", "stop");
                (BigInteger start, BigInteger stop) = (Bound(given[1], 0), Bound(given[2], items.Count));
                int found = Matches(given[0]!).FirstOrDefault(index => index >= start && index < stop, -1);
                return found >= 0 ? (BigInteger)found : throw new TemplateFault($"{python.Repr.Of(given[0]!)} is not in list");
            }
            ,
            _ => null,
        };

        IEnumerable<int> Matches(object value) => Enumerable.Range(0, items.Count).Where(index => python.Comparisons.Equals(items[index], value));

        BigInteger Bound(object? given, int otherwise)
        {
            if (given is null)
                return otherwise;
            BigInteger index = CallArguments.Integer(given);
            return index < 0 ? BigInteger.Max(0, index + items.Count) : index;
        }
    }

    private static PyDict Copy(PyRuntime python, PyDict dict)
    {
        PyDict copy = python.NewDict();
        foreach ((object key, object value) in dict.Entries)
            copy[key] = value;
        return copy;
    }
}
