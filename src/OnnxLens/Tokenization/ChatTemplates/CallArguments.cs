using System.Globalization;
using System.Numerics;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The arguments of a call.</summary>
internal sealed class CallArguments(IReadOnlyList<object> positional, IReadOnlyList<KeyValuePair<string, object>> named)
{
    public static readonly CallArguments Empty = new([], []);

    public IReadOnlyList<object> Positional => positional;

    public IReadOnlyList<KeyValuePair<string, object>> Named => named;

    /// <summary>The arguments in the order of the parameters.</summary>
    /// <param name="function">The function's name, for messages.</param>
    /// <param name="required">How many of the parameters must be given.</param>
    /// <param name="parameters">Their names.</param>
    /// <returns>As many as parameters; null where one was not given.</returns>
    /// <exception cref="TemplateFault">Too many, too few, a name twice, or one that is no parameter.</exception>
    public object?[] Bind(string function, int required, params string[] parameters)
    {
        if (positional.Count > parameters.Length)
        {
            throw new TemplateFault(string.Create(CultureInfo.InvariantCulture,
                $"{function}() takes at most {parameters.Length} argument(s), but {positional.Count} were given"));
        }

        var bound = new object?[parameters.Length];
        for (int i = 0; i < positional.Count; i++)
            bound[i] = positional[i];
        foreach ((string name, object value) in named)
        {
            int index = Array.IndexOf(parameters, name);
            if (index < 0)
                throw new TemplateFault($"{function}() got an unexpected keyword argument '{name}'");
            if (bound[index] is not null)
                throw new TemplateFault($"{function}() got multiple values for argument '{name}'");
            bound[index] = value;
        }

        int missing = Array.FindIndex(bound, 0, required, value => value is null);
        return missing < 0 ? bound : throw new TemplateFault($"{function}() needs the argument '{parameters[missing]}'");
    }

    /// <summary>The arguments after the first ones.</summary>
    public CallArguments Skip(int count) => new([.. positional.Skip(count)], named);

    /// <summary>A whole number, as Python takes one for an index or a count.</summary>
    public static BigInteger Integer(object value) => value switch
    {
        BigInteger number => number,
        bool flag => flag ? 1 : 0,
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"'{TypeNames.Of(value)}' object cannot be interpreted as an integer"),
    };

    /// <summary>A whole number that is given as a count or size, and is the same to the caller beyond the range.</summary>
    public static int Size(object value) => (int)BigInteger.Clamp(Integer(value), -int.MaxValue, int.MaxValue);

    /// <summary>A text.</summary>
    public static string Text(object value) => Comparisons.TextOf(value) ?? throw new TemplateFault($"expected a str, not {TypeNames.Of(value)}");

    /// <summary>True where an argument is given and true.</summary>
    public static bool Flag(object? given) => given is not null && Sequences.IsTrue(given);
}
