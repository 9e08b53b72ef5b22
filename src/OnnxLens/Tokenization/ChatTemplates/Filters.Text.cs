using System.Numerics;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

internal sealed partial class Filters
{
    private object MapText(string name, object value, CallArguments arguments, Func<string, string> map)
    {
        arguments.Bind(name, 0);
        string text = _python.Str(value);
        _python.Budget.MakeText(text.Length);
        return Operators.Like(value, map(text));
    }

    private object Trim(object value, CallArguments arguments)
    {
        object? characters = arguments.Bind("trim", 0, "chars")[0];
        string text = _python.Str(value);
        _python.Budget.MakeText(text.Length);
        return Operators.Like(value, characters is null or None ? PyText.Trim(text) : PyText.Trim(text, CallArguments.Text(characters), start: true, end: true));
    }

    private object Center(object value, CallArguments arguments)
    {
        object? width = arguments.Bind("center", 0, "width")[0];
        return Operators.Like(value, TextMethods.Pad(_python, _python.Str(value), width ?? (BigInteger)80, " ", left: true, right: true));
    }

    private string Replace(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("replace", 2, "old", "new", "count");
        int count = given[2] is null or None ? -1 : CallArguments.Size(given[2]!);
        return TextMethods.Replace(_python, _python.Str(value), _python.Str(given[0]!), _python.Str(given[1]!), count);
    }

    private Markup Escape(object value, CallArguments arguments, bool force)
    {
        arguments.Bind("escape", 0);
        string text = _python.Str(value);
        _python.Budget.MakeText(text.Length * 6L);
        return value is Markup marked && !force ? marked : new Markup(Markup.Escape(text));
    }

    private Markup Safe(object value, CallArguments arguments)
    {
        arguments.Bind("safe", 0);
        return new Markup(_python.Str(value));
    }

    private object Format(object value, CallArguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
            throw new TemplateFault("can't handle positional and keyword arguments at the same time");
        PyDict named = _python.NewDict();
        foreach ((string name, object argument) in arguments.Named)
            named[name] = argument;
        return _python.Operators.Binary("%", value is Markup ? value : _python.Str(value), named.Count > 0 ? named : new PyTuple(arguments.Positional));
    }

    private object Indent(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("indent", 0, "width", "first", "blank");
        if (value is Undefined undefined)
            throw undefined.Fault();
        string text = Comparisons.TextOf(value) ?? throw new TemplateFault($"the filter 'indent' is for texts, not for a value of type '{TypeNames.Of(value)}'");
        string by = given[0] is null ? "    " : Comparisons.TextOf(given[0]) ?? (string)_python.Operators.Binary("*", " ", given[0]!);
        string[] lines = [.. PyText.Lines(text + "\n")];
        _python.Budget.MakeText(text.Length + ((long)by.Length * lines.Length));
        bool blank = CallArguments.Flag(given[2]);
        var indented = new StringBuilder(CallArguments.Flag(given[1]) ? by : "");
        for (int i = 0; i < lines.Length; i++)
        {
            if (i > 0)
                indented.Append('\n').Append(blank || lines[i].Length > 0 ? by : "");
            indented.Append(lines[i]);
        }

        return Operators.Like(value, indented.ToString());
    }

    private object Truncate(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        string end = given[2] is null ? "..." : CallArguments.Text(given[2]!);
        int length = given[0] is null ? 255 : CallArguments.Size(given[0]!);
        int leeway = given[3] is null or None ? 5 : CallArguments.Size(given[3]!);
        int endLength = PyText.Length(end);
        if (length < endLength || leeway < 0)
            throw new TemplateFault("the filter 'truncate' needs a length that its end fits into, and no negative leeway");
        if (_python.Sequences.Length(value) <= (long)length + leeway)
            return value;
        string kept = CallArguments.Text(_python.Sequences.Slice(value, None.Value, (BigInteger)(length - endLength), None.Value));
        int space = CallArguments.Flag(given[1]) ? -1 : kept.LastIndexOf(' ');
        return Operators.Like(value, (space < 0 ? kept : kept[..space]) + end);
    }

    private BigInteger WordCount(object value, CallArguments arguments)
    {
        arguments.Bind("wordcount", 0);
        string text = _python.Str(value);
        _python.Budget.MakeText(text.Length);
        int words = 0;
        bool inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isWord = Rune.IsLetterOrDigit(rune) || rune.Value == '_' || Rune.IsNumber(rune);
            words += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return words;
    }

    private string Join(object value, CallArguments arguments)
    {
        object?[] given = arguments.Bind("join", 0, "d", "attribute");
        string separator = _python.Str(given[0] ?? "");
        Func<object, object> get = Getter(given[1]);
        return TextMethods.Join(_python, separator, _python.Sequences.Iterate(value).Select(item => _python.Str(get(item))));
    }
}
