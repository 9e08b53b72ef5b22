namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>What Python itself does with values, within the budget of one rendering.</summary>
internal sealed class PyRuntime
{
    public PyRuntime()
    {
        Comparisons = new Comparisons(Budget);
        Repr = new Repr(Budget);
        Sequences = new Sequences(this);
        Operators = new Operators(this);
        Attributes = new Attributes(this);
        Json = new JsonText(this);
    }

    public Budget Budget { get; } = new();

    public Comparisons Comparisons { get; }

    public Repr Repr { get; }

    public Sequences Sequences { get; }

    public Operators Operators { get; }

    public Attributes Attributes { get; }

    public JsonText Json { get; }

    /// <summary><c>str(value)</c>.</summary>
    public string Str(object value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        _ => Repr.Of(value),
    };

    /// <summary>The value as HTML: escaped, where it is not HTML already.</summary>
    public string Html(object value) => value is Markup markup ? markup.Text : Markup.Escape(Str(value));

    /// <summary>A new, empty dict.</summary>
    public PyDict NewDict() => new(Comparisons);
}
