using System.Numerics;
using System.Runtime.ExceptionServices;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Python's <c>==</c>, its order and its hashes.</summary>
internal sealed class Comparisons(Budget budget) : IEqualityComparer<object>
{
    /// <summary><c>left == right</c>.</summary>
    public new bool Equals(object? left, object? right)
    {
        budget.Step();
        return (left, right) switch
        {
            _ when ReferenceEquals(left, right) => left is not double.NaN,
            (Undefined, Undefined) => true,
            (PyList a, PyList b) => Same(a.Items, b.Items),
            (PyTuple a, PyTuple b) => Same(a.Items, b.Items),
            (PyDict a, PyDict b) => a.Count == b.Count && a.Entries.All(entry => b.Find(entry.Key) is { } other && Equals(entry.Value, other)),
            (PyRange a, PyRange b) => a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step))),
            _ when TextOf(left) is { } a => TextOf(right) is { } b && SameText(a, b),
            _ => Numbers.TryCompare(left, right, out int order) && order == 0,
        };
    }

    /// <summary>The hash of a key.</summary>
    /// <exception cref="TemplateFault">A value of this type is no key.</exception>
    public int GetHashCode(object key)
    {
        budget.Step();
        return key switch
        {
            string text => Hash(text),
            Markup markup => Hash(markup.Text),
            bool or BigInteger or double => Numbers.Hash(key),
            PyTuple tuple => tuple.Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
            PyList or PyDict or DictView { TypeName: not "dict_values" } => throw new TemplateFault($"unhashable type: '{TypeNames.Of(key)}'"),
            Undefined => 1,
            PyRange range => range.Count,
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key),
        };
    }

    /// <summary>Less than 0, 0 or more, as the left value comes before, with or after the right one.</summary>
    /// <param name="left">The left value.</param>
    /// <param name="right">The right value.</param>
    /// <param name="symbol">The operator, for messages.</param>
    /// <returns>Null where neither is before the other: not a number.</returns>
    /// <exception cref="TemplateFault">Values of these types have no order.</exception>
    public int? Order(object left, object right, string symbol = "<")
    {
        budget.Step();
        if (TextOf(left) is { } a && TextOf(right) is { } b)
        {
            budget.Spend(Math.Min(a.Length, b.Length));
            return PyText.Compare(a, b);
        }

        if (Numbers.TryCompare(left, right, out int order))
            return order == Numbers.Unordered ? null : order;
        return (left, right) switch
        {
            (Undefined undefined, _) => throw undefined.Fault(),
            (_, Undefined undefined) => throw undefined.Fault(),
            (PyList x, PyList y) => Order(x.Items, y.Items, symbol),
            (PyTuple x, PyTuple y) => Order(x.Items, y.Items, symbol),
            _ => throw new TemplateFault($"'{symbol}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'"),
        };
    }

    /// <summary>Items in the order of their keys; those of equal keys stay in theirs, in reverse too.</summary>
    /// <exception cref="TemplateFault">Two keys have no order.</exception>
    public T[] Sort<T>(IEnumerable<T> items, Func<T, object> key, bool reverse = false)
    {
        var order = Comparer<object>.Create((a, b) => (reverse ? -1 : 1) * (Order(a, b) ?? 0));
        try
        {
            return [.. items.Select(item => (Item: item, Key: key(item))).ToList().OrderBy(pair => pair.Key, order).Select(pair => pair.Item)];
        }
        catch (InvalidOperationException e) when (e.InnerException is { } cause)
        {
            // What a comparison throws, .NET's sorting wraps.
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>The text of a text; null of another value.</summary>
    public static string? TextOf(object? value) => value as string ?? (value as Markup)?.Text;

    private int? Order(IReadOnlyList<object> left, IReadOnlyList<object> right, string symbol)
    {
        for (int i = 0; i < left.Count && i < right.Count; i++)
        {
            if (!Equals(left[i], right[i]))
                return Order(left[i], right[i], symbol);
        }

        return left.Count.CompareTo(right.Count);
    }

    private bool Same(IReadOnlyList<object> left, IReadOnlyList<object> right)
    {
        if (left.Count != right.Count)
            return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (!ReferenceEquals(left[i], right[i]) && !Equals(left[i], right[i]))
                return false;
        }

        return true;
    }

    private bool SameText(string left, string right)
    {
        budget.Spend(Math.Min(left.Length, right.Length));
        return string.Equals(left, right, StringComparison.Ordinal);
    }

    private int Hash(string text)
    {
        budget.Spend(text.Length);
        return string.GetHashCode(text, StringComparison.Ordinal);
    }
}
