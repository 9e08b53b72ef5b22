using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>Renders templates for the tests of this folder.</summary>
internal static class Chats
{
    /// <summary>The time that goldens and fixtures were made for.</summary>
    public static readonly DateTime Now = new(2025, 3, 9, 14, 5, 6);

    /// <summary>The chat that the fixtures were made for.</summary>
    public static readonly ChatMessage[] Messages = [new("system", "sys"), new("user", "hello"), new("assistant", "yo")];

    /// <summary>The text of a template, given <see cref="Messages"/>.</summary>
    public static string Render(string template, string? variables = null) =>
        ChatTemplate.Parse(template).Render(Messages, new ChatTemplateOptions { Now = Now, Variables = Variables(variables ?? "{}") });

    /// <summary>The refusal of a template, when it is parsed or rendered.</summary>
    public static ChatTemplateException Refusal(string template) => Assert.ThrowsExactly<ChatTemplateException>(() => Render(template));

    /// <summary>Variables from a JSON object.</summary>
    public static ImmutableDictionary<string, JsonElement> Variables(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToImmutableDictionary(member => member.Name, member => member.Value.Clone());
    }

    /// <summary>Messages from a JSON array.</summary>
    public static ChatMessage[] Read(JsonElement messages) => [.. messages.EnumerateArray().Select(message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString())
    {
        Members = [.. message.EnumerateObject().Where(member => member.Name is not ("role" or "content")).Select(member => KeyValuePair.Create(member.Name, member.Value.Clone()))],
    })];
}
