using System.Numerics;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The methods of texts.</summary>
internal static class TextMethods
{
    // Methods of Python that no chat template has use for: refused when called, as the name is not undefined.
    private static readonly HashSet<string> NotBuilt = ["encode", "translate", "maketrans", "expandtabs"];

    /// <summary>A method by its name; null where there is no such.</summary>
    public static Callable? Find(PyRuntime python, object owner, string name)
    {
        string text = Comparisons.TextOf(owner)!;
        Func<CallArguments, object>? method = Changing(python, owner, text, name) ?? Cutting(python, owner, text, name) ?? Asking(python, text, name);
        if (method is null && NotBuilt.Contains(name))
            method = _ => throw new TemplateFault($"the method '{name}' of texts is not built here");
        return method is null ? null : Callable.Method(arguments =>
        {
            python.Budget.Spend(text.Length * 4L);
            return method(arguments);
        });
    }

    /// <summary>Texts in place of others; a negative count is all.</summary>
    public static string Replace(PyRuntime python, string text, string old, string by, int count)
    {
        python.Budget.SpendSearch(text, old);
        var replaced = new StringBuilder();
        int from = 0;
        for (int done = 0; count < 0 || done < count; done++)
        {
            // An empty text is found before each character and at the end.
            int found = old.Length > 0 ? text.IndexOf(old, from, StringComparison.Ordinal)
                : done == 0 ? 0 : from < text.Length ? from + PyText.CharacterAt(text, from).Length : -1;
            if (found < 0)
                break;
            replaced.Append(text, from, found - from).Append(by);
            from = found + old.Length;
            Budget.CheckText(replaced.Length);
        }

        replaced.Append(text, from, text.Length - from);
        python.Budget.MakeText(replaced.Length);
        return replaced.ToString();
    }

    /// <summary>A text with characters put before or after it until it is wide enough.</summary>
    public static string Pad(PyRuntime python, string text, object width, string fill, bool left, bool right)
    {
        if (PyText.Length(fill) != 1)
            throw new TemplateFault("The fill character must be exactly one character long");
        int wanted = CallArguments.Size(width);
        int missing = Math.Max(0, wanted - PyText.Length(text));
        python.Budget.MakeText(text.Length + ((long)missing * fill.Length));
        // Python's own rounding of the odd one.
        int before = !left ? 0 : !right ? missing : (missing / 2) + (missing & wanted & 1);
        return Times(before) + text + Times(missing - before);

        string Times(int count) => new StringBuilder().Insert(0, fill, count).ToString();
    }

    /// <summary><c>isupper</c> and <c>islower</c>: some letter has case, and none has the other.</summary>
    public static bool IsCased(string text, bool upper)
    {
        bool found = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (upper ? Rune.IsLower(rune) : Rune.IsUpper(rune))
                return false;
            found |= upper ? Rune.IsUpper(rune) : Rune.IsLower(rune);
        }

        return found;
    }

    private static Func<CallArguments, object>? Changing(PyRuntime python, object owner, string text, string name)
    {
        return name switch
        {
            "upper" => Plain(TextCase.Upper),
            "lower" or "casefold" => Plain(name == "lower" ? TextCase.Lower : text => TextCase.Lower(TextCase.Upper(text))),
            "title" => Plain(TextCase.Title),
            "capitalize" => Plain(TextCase.Capitalize),
            "swapcase" => Plain(text => string.Concat(PyText.Characters(text).Select(c => c == TextCase.Lower(c) ? TextCase.Upper(c) : TextCase.Lower(c)))),
            "strip" => Strip(start: true, end: true),
            "lstrip" => Strip(start: true, end: false),
            "rstrip" => Strip(start: false, end: true),
            "removeprefix" => arguments => Part(arguments, "prefix") is var part && text.StartsWith(part, StringComparison.Ordinal) ? Like(text[part.Length..]) : owner,
            "removesuffix" => arguments => Part(arguments, "suffix") is var part && part.Length > 0 && text.EndsWith(part, StringComparison.Ordinal) ? Like(text[..^part.Length]) : owner,
            "replace" => arguments =>
            {
                object?[] given = arguments.Bind("replace", 2, "old", "new", "count");
                return Like(Replace(python, text, CallArguments.Text(given[0]!), Escaped(given[1]!), given[2] is null ? -1 : CallArguments.Size(given[2]!)));
            }
            ,
            "center" => Padded(left: true, right: true),
            "ljust" => Padded(left: false, right: true),
            "rjust" => Padded(left: true, right: false),
            "zfill" => arguments =>
            {
                int sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
                BigInteger width = CallArguments.Integer(arguments.Bind("zfill", 1, "width")[0]!) - sign;
                return Like(text[..sign] + Pad(python, text[sign..], width, "0", left: true, right: false));
            }
            ,
            "join" => arguments => Like(Join(python, text, arguments.Bind("join", 1, "iterable")[0]!, isHtml: owner is Markup)),
            "format" => arguments => Like(new BraceFormat(python, arguments, isHtml: owner is Markup).Format(text)),
            "format_map" => arguments => Like(new BraceFormat(python, BraceFormat.Mapping(arguments), isHtml: owner is Markup).Format(text)),
            _ => null,
        };

        object Like(string made) => Operators.Like(owner, made);

        string Escaped(object value) => owner is Markup ? python.Html(value) : CallArguments.Text(value);

        string Part(CallArguments arguments, string parameter) => CallArguments.Text(arguments.Bind(name, 1, parameter)[0]!);

        Func<CallArguments, object> Plain(Func<string, string> change) => arguments =>
        {
            arguments.Bind(name, 0);
            return Like(change(text));
        };

        Func<CallArguments, object> Strip(bool start, bool end) => arguments =>
        {
            object? characters = arguments.Bind(name, 0, "chars")[0];
            if (characters is not (null or None))
                return Like(PyText.Trim(text, CallArguments.Text(characters), start, end));
            return Like(start ? end ? PyText.Trim(text) : PyText.TrimStart(text) : PyText.TrimEnd(text));
        };

        Func<CallArguments, object> Padded(bool left, bool right) => arguments =>
        {
            object?[] given = arguments.Bind(name, 1, "width", "fillchar");
            return Like(Pad(python, text, given[0]!, given[1] is null ? " " : CallArguments.Text(given[1]!), left, right));
        };
    }

    private static Func<CallArguments, object>? Cutting(PyRuntime python, object owner, string text, string name) => name switch
    {
        "split" or "rsplit" => arguments =>
        {
            object?[] given = arguments.Bind(name, 0, "sep", "maxsplit");
            int most = given[1] is null ? -1 : CallArguments.Size(given[1]!);
            string? separator = given[0] is null or None ? null : CallArguments.Text(given[0]!);
            return Texts(python, owner, TextSplitter.Split(python, text, separator, most, fromEnd: name == "rsplit"));
        }
        ,
        "splitlines" => arguments => Texts(python, owner, PyText.Lines(text, CallArguments.Flag(arguments.Bind(name, 0, "keepends")[0]))),
        "partition" or "rpartition" => arguments =>
        {
            string separator = CallArguments.Text(arguments.Bind(name, 1, "sep")[0]!);
            return new PyTuple([.. TextSplitter.Partition(python, text, separator, fromEnd: name == "rpartition").Select(part => Operators.Like(owner, part))]);
        }
        ,
        _ => null,
    };

    private static Func<CallArguments, object>? Asking(PyRuntime python, string text, string name)
    {
        return name switch
        {
            "startswith" or "endswith" => arguments => TextSearch.HasEnd(python, text, arguments, start: name == "startswith"),
            "find" or "rfind" or "index" or "rindex" => arguments => TextSearch.Find(python, text, arguments, name),
            "count" => arguments => TextSearch.Count(python, text, arguments),
            "isupper" => Is(() => IsCased(text, upper: true)),
            "islower" => Is(() => IsCased(text, upper: false)),
            "isspace" => Is(() => PyText.IsSpace(text.AsSpan())),
            "isdecimal" => Is(() => All(Rune.IsDigit)),
            "isdigit" => Is(() => All(rune => Rune.IsDigit(rune) || System.Globalization.CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0)),
            "isnumeric" => Is(() => All(Rune.IsNumber)),
            "isalpha" => Is(() => All(Rune.IsLetter)),
            "isalnum" => Is(() => All(rune => Rune.IsLetter(rune) || Rune.IsNumber(rune))),
            "isascii" => Is(() => Ascii.IsValid(text)),
            "istitle" => Is(() => text == TextCase.Title(text) && PyText.Characters(text).Any(TextCase.IsCased)),
            "isidentifier" => Is(() => All(rune => Rune.IsLetterOrDigit(rune) || rune.Value == '_') && !char.IsDigit(text[0])),
            "isprintable" => Is(() => PyText.Characters(text).All(character => PyText.IsPrintable(character, 0))),
            _ => null,
        };

        bool All(Func<Rune, bool> holds) => text.Length > 0 && text.EnumerateRunes().All(holds);

        Func<CallArguments, object> Is(Func<bool> holds) => arguments =>
        {
            arguments.Bind(name, 0);
            return holds();
        };
    }

    private static PyList Texts(PyRuntime python, object owner, IEnumerable<string> parts)
    {
        List<object> texts = [.. parts.Select(part => Operators.Like(owner, part))];
        python.Budget.MakeList(texts.Count);
        return new PyList(texts);
    }

    private static string Join(PyRuntime python, string separator, object items, bool isHtml)
    {
        return Join(python, separator, python.Sequences.Iterate(items).Select(Part));

        string Part(object item, int index) => !isHtml && Comparisons.TextOf(item) is null
            ? throw new TemplateFault($"sequence item {index}: expected str instance, {TypeNames.Of(item)} found")
            : isHtml ? python.Html(item) : python.Str(item);
    }

    /// <summary>Texts with a separator between them, no longer than a text may be.</summary>
    public static string Join(PyRuntime python, string separator, IEnumerable<string> parts)
    {
        var joined = new StringBuilder();
        bool first = true;
        foreach (string part in parts)
        {
            joined.Append(first ? "" : separator).Append(part);
            first = false;
            Budget.CheckText(joined.Length);
        }

        python.Budget.MakeText(joined.Length);
        return joined.ToString();
    }
}
