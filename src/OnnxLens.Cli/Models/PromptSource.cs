using System.Collections.Immutable;

namespace OnnxLens.Cli.Models;

/// <summary>Where the prompt comes from. One of the three is set, or a file of many prompts is named.</summary>
/// <param name="Text">The text itself.</param>
/// <param name="File">A UTF-8 file that holds it.</param>
/// <param name="Ids">Its token ids.</param>
internal sealed record PromptSource(string? Text, string? File, ImmutableArray<int>? Ids)
{
    /// <summary>A file of many prompts; null where there is one.</summary>
    public string? Many { get; init; }

    /// <summary>How the text goes through the chat template; null where it is taken as it is.</summary>
    public ChatSource? Chat { get; init; }
}
