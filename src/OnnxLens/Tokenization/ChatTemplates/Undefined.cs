namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The value of a name, attribute or item that is not there: prints as nothing, is false and empty, and is refused in all else.</summary>
/// <param name="Message">Why it is undefined, for the refusal.</param>
internal sealed record Undefined(string Message)
{
    /// <summary>The refusal.</summary>
    public TemplateFault Fault() => new(Message);

    /// <summary>An attribute or item that an object does not have.</summary>
    public static Undefined Of(object owner, object name, Repr repr) => name is string attribute
        ? new Undefined($"'{Owner(owner)}' has no attribute {repr.Of(attribute)}")
        : new Undefined($"{Owner(owner)} has no element {repr.Of(name)}");

    private static string Owner(object owner) => owner is None ? "None" : TypeNames.Of(owner) + " object";
}
