using System.Text.Json;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>
/// Small templates, and the text that jinja2 3.1.6 makes of them when it is set up as transformers does
/// (<c>tests/fixtures/jinja</c>): for what no model's template of today shows. Where it refuses one, so must we.
/// </summary>
[TestClass]
public sealed class JinjaFixtureTests
{
    [TestMethod]
    [DataRow("expressions.jsonl", 875)]
    [DataRow("statements.jsonl", 528)]
    public void Render_EverySmallTemplate_IsAsJinja2RendersIt(string file, int count)
    {
        List<string> wrong = [];
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "tests", "fixtures", "jinja", file));
        foreach (string line in lines)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            string template = document.RootElement.GetProperty("template").GetString()!;
            string? expected = document.RootElement.TryGetProperty("text", out JsonElement text) ? text.GetString() : null;
            (string? actual, string? refusal) = Outcome(template);
            if (actual != expected)
                wrong.Add($"{JsonSerializer.Serialize(template)}: expected {Shown(expected)}, got {Shown(actual)} {refusal}");
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.HasCount(count, lines);
    }

    private static string Shown(string? text) => text is null ? "a refusal" : JsonSerializer.Serialize(text);

    private static (string? Text, string? Refusal) Outcome(string template)
    {
        try
        {
            return (Chats.Render(template), null);
        }
        catch (ChatTemplateException refusal)
        {
            return (null, refusal.Message);
        }
    }
}
