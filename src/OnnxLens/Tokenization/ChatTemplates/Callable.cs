namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A function or method.</summary>
/// <param name="TypeName">Python's name of its type.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record Callable(string TypeName, Func<CallArguments, object> Invoke)
{
    public static Callable Method(Func<CallArguments, object> invoke) => new("builtin_function_or_method", invoke);

    public static Callable Function(Func<CallArguments, object> invoke) => new("function", invoke);
}
