namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What stands after <c>|</c>.</summary>
internal sealed partial class Filters
{
    private static readonly Dictionary<string, Func<Filters, object, CallArguments, object>> All = new(StringComparer.Ordinal)
    {
        ["abs"] = (_, value, arguments) => Abs(value, arguments),
        ["attr"] = (filters, value, arguments) => filters.Attr(value, arguments),
        ["batch"] = (filters, value, arguments) => filters.Batch(value, arguments),
        ["capitalize"] = (filters, value, arguments) => filters.MapText("capitalize", value, arguments, TextCase.Capitalize),
        ["center"] = (filters, value, arguments) => filters.Center(value, arguments),
        ["count"] = (filters, value, arguments) => filters.Length(value, arguments),
        ["d"] = (_, value, arguments) => Default(value, arguments),
        ["default"] = (_, value, arguments) => Default(value, arguments),
        ["dictsort"] = (filters, value, arguments) => filters.DictSort(value, arguments),
        ["e"] = (filters, value, arguments) => filters.Escape(value, arguments, force: false),
        ["escape"] = (filters, value, arguments) => filters.Escape(value, arguments, force: false),
        ["first"] = (filters, value, arguments) => filters.First(value, arguments),
        ["float"] = (_, value, arguments) => ToFloat(value, arguments),
        ["forceescape"] = (filters, value, arguments) => filters.Escape(value, arguments, force: true),
        ["format"] = (filters, value, arguments) => filters.Format(value, arguments),
        ["groupby"] = (filters, value, arguments) => filters.GroupBy(value, arguments),
        ["indent"] = (filters, value, arguments) => filters.Indent(value, arguments),
        ["int"] = (_, value, arguments) => ToInt(value, arguments),
        ["items"] = (_, value, arguments) => Items(value, arguments),
        ["join"] = (filters, value, arguments) => filters.Join(value, arguments),
        ["last"] = (filters, value, arguments) => filters.Last(value, arguments),
        ["length"] = (filters, value, arguments) => filters.Length(value, arguments),
        ["list"] = (filters, value, arguments) => filters.List(value, arguments),
        ["lower"] = (filters, value, arguments) => filters.MapText("lower", value, arguments, TextCase.Lower),
        ["map"] = (filters, value, arguments) => filters.Map(value, arguments),
        ["max"] = (filters, value, arguments) => filters.Extreme("max", value, arguments, 1),
        ["min"] = (filters, value, arguments) => filters.Extreme("min", value, arguments, -1),
        ["reject"] = (filters, value, arguments) => filters.Select("reject", value, arguments, wanted: false, byAttribute: false),
        ["rejectattr"] = (filters, value, arguments) => filters.Select("rejectattr", value, arguments, wanted: false, byAttribute: true),
        ["replace"] = (filters, value, arguments) => filters.Replace(value, arguments),
        ["reverse"] = (filters, value, arguments) => filters.Reverse(value, arguments),
        ["round"] = (_, value, arguments) => Round(value, arguments),
        ["safe"] = (filters, value, arguments) => filters.Safe(value, arguments),
        ["select"] = (filters, value, arguments) => filters.Select("select", value, arguments, wanted: true, byAttribute: false),
        ["selectattr"] = (filters, value, arguments) => filters.Select("selectattr", value, arguments, wanted: true, byAttribute: true),
        ["slice"] = (filters, value, arguments) => filters.Slice(value, arguments),
        ["sort"] = (filters, value, arguments) => filters.Sort(value, arguments),
        ["string"] = (filters, value, arguments) => filters.MapText("string", value, arguments, text => text),
        ["sum"] = (filters, value, arguments) => filters.Sum(value, arguments),
        ["title"] = (filters, value, arguments) => filters.MapText("title", value, arguments, TextCase.FilterTitle),
        ["tojson"] = (filters, value, arguments) => filters._python.Json.Write(value, JsonStyle.Read(filters._python, arguments)),
        ["trim"] = (filters, value, arguments) => filters.Trim(value, arguments),
        ["truncate"] = (filters, value, arguments) => filters.Truncate(value, arguments),
        ["unique"] = (filters, value, arguments) => filters.Unique(value, arguments),
        ["upper"] = (filters, value, arguments) => filters.MapText("upper", value, arguments, TextCase.Upper),
        ["wordcount"] = (filters, value, arguments) => filters.WordCount(value, arguments),
    };

    // Filters of Jinja that no chat template has use for.
    private static readonly HashSet<string> NotBuilt = ["filesizeformat", "pprint", "random", "striptags", "urlencode", "urlize", "wordwrap", "xmlattr"];

    private readonly PyRuntime _python;
    private readonly Tests _tests;

    public Filters(PyRuntime python, Tests tests)
    {
        _python = python;
        _tests = tests;
    }

    /// <summary>Whether there is a filter of this name.</summary>
    public static bool Has(string name) => All.ContainsKey(name) || NotBuilt.Contains(name);

    /// <summary>Runs a filter.</summary>
    public object Run(string name, object value, CallArguments arguments)
    {
        _python.Budget.Step();
        _python.Budget.Spend(Comparisons.TextOf(value)?.Length ?? 0);
        if (All.TryGetValue(name, out Func<Filters, object, CallArguments, object>? filter))
            return filter(this, value, arguments);
        throw new TemplateFault(NotBuilt.Contains(name) ? $"the filter '{name}' of Jinja is not built here" : $"there is no filter named '{name}'");
    }

    private static object Default(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("default", 0, "default_value", "boolean");
        return value is Undefined || (CallArguments.Flag(given[1]) && !Sequences.IsTrue(value)) ? given[0] ?? "" : value;
    }

    private object Attr(object value, CallArguments arguments)
    {
        string name = CallArguments.Text(arguments.Bind("attr", 1, "name")[0]!);
        object found = _python.Attributes.Get(value, name);
        return value is PyDict dict && ReferenceEquals(dict.Find(name), found) ? Undefined.Of(value, name, _python.Repr) : found;
    }

    // Reads "name", "a.b.0" or 0 from an item; with no path, the item itself.
    private Func<object, object> Getter(object? path, object? otherwise = null)
    {
        object[] parts = path switch
        {
            null or None => [],
            _ when Comparisons.TextOf(path) is { } text => [.. text.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? (object)Numbers.ParseDigits(part, 10)! : part)],
            _ => [path],
        };
        return item =>
        {
            foreach (object part in parts)
            {
                item = _python.Attributes.Item(item, part);
                if (otherwise is not (null or None) && item is Undefined)
                    item = otherwise;
            }

            return item;
        };
    }

    // The key to compare by: texts without regard to case unless asked.
    private static object Fold(object value, bool caseSensitive) => !caseSensitive && Comparisons.TextOf(value) is { } text ? TextCase.Lower(text) : value;
}
