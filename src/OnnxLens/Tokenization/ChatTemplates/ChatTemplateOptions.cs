using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>How a chat is rendered.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>True: the text ends where the assistant's answer begins. Default false, as in transformers.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Variables of this template, such as <c>enable_thinking</c>. They go before the special tokens of the folder.</summary>
    public ImmutableDictionary<string, JsonElement> Variables { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>The local time that <c>strftime_now</c> tells; null is the present one.</summary>
    public DateTime? Now { get; init; }
}
