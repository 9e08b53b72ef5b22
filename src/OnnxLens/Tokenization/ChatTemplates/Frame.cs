namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The variables of a body while it runs.</summary>
internal sealed class Frame
{
    private readonly Frame? _outer;
    private readonly Dictionary<string, object?> _values;

    /// <summary>Enters a body.</summary>
    /// <param name="scope">Its variables.</param>
    /// <param name="outer">The variables around it.</param>
    /// <param name="template">The variables of the whole template.</param>
    public Frame(Scope scope, Frame? outer, IReadOnlyDictionary<string, object> template)
    {
        _outer = outer;
        _values = new Dictionary<string, object?>(scope.Variables.Count, StringComparer.Ordinal);
        foreach ((string name, Origin origin) in scope.Variables)
        {
            _values[name] = origin switch
            {
                Origin.Template => template.GetValueOrDefault(name),
                Origin.Outer => outer?.Find(name),
                _ => null,
            };
        }
    }

    /// <summary>True for the frame of the template itself, whose variables the blocks see.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>The value of a variable; null where it has none.</summary>
    public object? Find(string name)
    {
        for (Frame? frame = this; frame is not null; frame = frame._outer)
        {
            if (frame._values.TryGetValue(name, out object? value))
                return value;
        }

        return null;
    }

    /// <summary>Gives a variable of this body a value.</summary>
    public void Set(string name, object value) => _values[name] = value;
}
