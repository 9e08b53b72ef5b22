namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary><c>x.name</c> and <c>x[key]</c> as Jinja's sandbox resolves them: attribute or item, whichever is there.</summary>
internal sealed class Attributes(PyRuntime python)
{
    // What the immutable sandbox keeps from templates.
    private static readonly HashSet<string> ListMutators = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> DictMutators = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary><c>x.name</c>: the attribute before the item.</summary>
    public object Get(object owner, string name)
    {
        if (owner is Undefined undefined)
            throw undefined.Fault();
        return Attribute(owner, name) ?? (owner is PyDict dict ? dict.Find(name) : null) ?? Undefined.Of(owner, name, python.Repr);
    }

    /// <summary><c>x[key]</c>: the item before the attribute.</summary>
    public object Item(object owner, object key)
    {
        object? item = python.Sequences.TryItem(owner, key);
        return item ?? (Comparisons.TextOf(key) is { } name ? Attribute(owner, name) : null) ?? Undefined.Of(owner, Comparisons.TextOf(key) ?? key, python.Repr);
    }

    // Null where there is no such attribute.
    private object? Attribute(object owner, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal) && name is "__class__" or "__init__" or "__doc__" or "__len__" or "__dict__" or "__getitem__" or "__str__")
            return Unsafe(owner, name);
        return owner switch
        {
            string or Markup => TextMethods.Find(python, owner, name),
            PyList when ListMutators.Contains(name) => Unsafe(owner, name),
            PyDict when DictMutators.Contains(name) => Unsafe(owner, name),
            PyList or PyTuple or PyDict or System.Numerics.BigInteger or double => ValueMethods.Find(python, owner, name),
            Namespace names => names.Attributes.Find(name),
            LoopState loop => loop.Attribute(name),
            Cycler cycler => cycler.Attribute(name),
            Macro { Name: { } macroName } when name == "name" => macroName,
            _ => null,
        };
    }

    private static Undefined Unsafe(object owner, string name) => new($"access to attribute '{name}' of '{TypeNames.Of(owner)}' object is unsafe.");
}
