using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>A user's message as a chat template renders it, up to where the reply begins.</summary>
/// <param name="template">The model's template.</param>
/// <param name="system">The system message, or null.</param>
internal sealed class ChatPrompt(ChatTemplate template, string? system)
{
    private static readonly ChatTemplateOptions Reply = new() { AddGenerationPrompt = true };

    /// <summary>Renders.</summary>
    /// <exception cref="ChatTemplateException">The template refuses the messages.</exception>
    public string Render(string user) => template.Render(
        system is null ? [new ChatMessage("user", user)] : [new ChatMessage("system", system), new ChatMessage("user", user)], Reply);
}
