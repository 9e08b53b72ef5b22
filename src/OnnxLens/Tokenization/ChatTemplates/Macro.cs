namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A macro, or the body of a call block.</summary>
/// <param name="Name">Its name; null of a call block.</param>
/// <param name="Signature">Parameters and body.</param>
/// <param name="Around">The variables around its definition.</param>
internal sealed record Macro(string? Name, Signature Signature, Frame Around)
{
    /// <summary>Gives the parameters their values. Those with a default that are not given stay open.</summary>
    /// <exception cref="TemplateFault">There are too many arguments, or one that is no parameter.</exception>
    public void Bind(CallArguments arguments, Frame frame, PyRuntime python)
    {
        IReadOnlyList<NameExpression> parameters = Signature.Parameters;
        Dictionary<string, object> named = new(arguments.Named, StringComparer.Ordinal);
        for (int i = 0; i < parameters.Count; i++)
        {
            string name = parameters[i].Name;
            if (i < arguments.Positional.Count)
                frame.Set(name, arguments.Positional[i]);
            else if (named.Remove(name, out object? value))
                frame.Set(name, value);
        }

        if (Signature.Special.Contains("caller"))
            frame.Set("caller", named.Remove("caller", out object? caller) ? caller : new Undefined("No caller defined"));
        if (Signature.Special.Contains("kwargs"))
            frame.Set("kwargs", Rest(arguments, named, python));
        else if (named.Count > 0)
            throw new TemplateFault($"macro '{Name}' takes no keyword argument '{arguments.Named.First(argument => named.ContainsKey(argument.Key)).Key}'");
        if (Signature.Special.Contains("varargs"))
            frame.Set("varargs", new PyTuple([.. arguments.Positional.Skip(parameters.Count)]));
        else if (arguments.Positional.Count > parameters.Count)
            throw new TemplateFault($"macro '{Name}' takes not more than {parameters.Count} argument(s)");
    }

    private static PyDict Rest(CallArguments arguments, Dictionary<string, object> named, PyRuntime python)
    {
        PyDict rest = python.NewDict();
        foreach ((string name, object value) in arguments.Named.Where(argument => named.ContainsKey(argument.Key)))
            rest[name] = value;
        return rest;
    }
}
