using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A message of a chat.</summary>
/// <param name="Role">Who speaks, e.g. <c>user</c>, <c>system</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said; null where a message has nothing but members of its own, as a call of tools.</param>
public sealed record ChatMessage(string Role, string? Content)
{
    /// <summary>Further members of the message, such as <c>tool_calls</c>, after role and content. One by their name takes their place.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Members { get; init; } = [];
}
