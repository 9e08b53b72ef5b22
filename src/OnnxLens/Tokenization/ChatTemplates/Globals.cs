using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The functions that every chat template has.</summary>
internal static class Globals
{
    /// <summary>The functions by their names.</summary>
    /// <param name="python">The language they belong to.</param>
    /// <param name="now">The time that <c>strftime_now</c> tells.</param>
    public static Dictionary<string, object> Make(PyRuntime python, DateTime now) => new(StringComparer.Ordinal)
    {
        ["range"] = new Callable("type", Range),
        ["dict"] = new Callable("type", arguments => Dict(python, "dict", arguments)),
        ["namespace"] = new Callable("type", arguments => new Namespace(Dict(python, "namespace", arguments))),
        ["cycler"] = new Callable("type", arguments =>
        {
            arguments.Skip(arguments.Positional.Count).Bind("cycler", 0);
            return arguments.Positional.Count > 0 ? new Cycler(arguments.Positional) : throw new TemplateFault("at least one item has to be provided");
        }),
        ["joiner"] = new Callable("type", Joiner),
        ["raise_exception"] = Callable.Function(arguments => throw new TemplateFault(python.Str(arguments.Bind("raise_exception", 1, "message")[0]!)) { Raised = true }),
        ["strftime_now"] = Callable.Function(arguments => Strftime.Format(now, CallArguments.Text(arguments.Bind("strftime_now", 1, "format")[0]!))),
    };

    private static PyRange Range(CallArguments arguments)
    {
        object?[] given = arguments.Bind("range", 1, "start", "stop", "step");
        BigInteger first = CallArguments.Integer(given[0]!);
        return given[1] is null
            ? new PyRange(0, first, 1)
            : new PyRange(first, CallArguments.Integer(given[1]!), given[2] is null ? 1 : CallArguments.Integer(given[2]!));
    }

    private static PyDict Dict(PyRuntime python, string name, CallArguments arguments)
    {
        if (arguments.Positional.Count > 1)
            throw new TemplateFault($"{name} expected at most 1 argument, got {arguments.Positional.Count}");
        PyDict dict = python.NewDict();
        if (arguments.Positional.Count == 1 && arguments.Positional[0] is PyDict other)
        {
            foreach ((object key, object value) in other.Entries)
                dict[key] = value;
        }
        else if (arguments.Positional.Count == 1)
        {
            foreach (object pair in python.Sequences.Iterate(arguments.Positional[0]))
            {
                IReadOnlyList<object> items = python.Sequences.ToList(pair).Items;
                dict[items.Count == 2 ? items[0] : throw new TemplateFault("a dict is made of pairs of a key and a value")] = items[1];
            }
        }

        foreach ((string key, object value) in arguments.Named)
            dict[key] = value;
        return dict;
    }

    // Nothing at first, the separator ever after.
    private static Callable Joiner(CallArguments arguments)
    {
        object separator = arguments.Bind("joiner", 0, "sep")[0] ?? ", ";
        bool used = false;
        return new Callable("jinja2.utils.Joiner", call =>
        {
            call.Bind("joiner", 0);
            object joint = used ? separator : "";
            used = true;
            return joint;
        });
    }
}
