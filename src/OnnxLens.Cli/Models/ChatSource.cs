using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>How a text becomes a chat: it is what the user says.</summary>
/// <param name="System">What the system says before it; null is nothing, and the template may then say something of its own.</param>
internal sealed record ChatSource(string? System)
{
    /// <summary>The text that the model is given, up to where its answer begins.</summary>
    /// <param name="template">The model's chat template.</param>
    /// <param name="text">What the user says.</param>
    /// <exception cref="ChatTemplateException">The template refuses these messages.</exception>
    public string Render(ChatTemplate template, string text)
    {
        ChatMessage user = new("user", text);
        ChatMessage[] messages = System is null ? [user] : [new("system", System), user];
        return template.Render(messages, new ChatTemplateOptions { AddGenerationPrompt = true });
    }
}
