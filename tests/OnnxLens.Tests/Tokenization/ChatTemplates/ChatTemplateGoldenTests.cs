using System.Text.Json;
using OnnxLens.Testing;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>Chats of real models, as transformers and llama.cpp render them.</summary>
[TestClass]
public sealed class ChatTemplateGoldenTests
{
    /// <summary>Cases of llama.cpp in which its own renderer does something that is not in the template, and what.</summary>
    private static readonly Dictionary<string, string> OnlyInLlamaCpp = new()
    {
        ["mistralai/Mistral-7B-Instruct-v0.2 (NOTE: Old pre-v1 without a system prompt)"] = "merges the system message into the user's",
        ["google/gemma-7b-it"] = "merges the system message into the user's",
        ["OrionStarAI/Orion-14B-Chat"] = "merges the system message into the user's",
        ["Phi-3-mini"] = "merges the system message into the user's",
        ["Phi-3-medium"] = "merges the system message into the user's",
        ["yandex/YandexGPT-5-Lite-8B-instruct"] = "merges the system message into the user's",
        ["ai-sage/GigaChat-20B-A3B-instruct"] = "gives the template a variable that is not recorded",
    };

    [TestMethod]
    [DataRow("llama-3.1", 40)]
    [DataRow("qwen2.5", 20)]
    [DataRow("qwen3", 60)]
    [DataRow("phi-3.5", 20)]
    public void Render_EveryGoldenChat_TextAndIdsAreTransformers(string name, int cases)
    {
        JsonElement golden = TokenizerGoldens.Json($"chat/{name}.json");
        Tokenizer tokenizer = TokenizerGoldens.Load(golden.GetProperty("tokenizer").GetString()!);
        var template = ChatTemplate.Parse(
            golden.GetProperty("template").GetString()!, golden.GetProperty("bos_token").GetString(), golden.GetProperty("eos_token").GetString());
        foreach (JsonElement chat in golden.GetProperty("cases").EnumerateArray())
        {
            string what = chat.GetProperty("name").GetString()!;
            var options = new ChatTemplateOptions
            {
                AddGenerationPrompt = chat.GetProperty("add_generation_prompt").GetBoolean(),
                Variables = Chats.Variables(chat.GetProperty("variables").GetRawText()),
                Now = DateTime.Parse(golden.GetProperty("now").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
            };
            ChatMessage[] messages = Chats.Read(chat.GetProperty("messages"));
            if (chat.GetProperty("error").GetString() is { } error)
            {
                Assert.AreEqual(error, Assert.ThrowsExactly<ChatTemplateException>(() => template.Render(messages, options), what).Raised);
                cases--;
                continue;
            }

            string text = template.Render(messages, options);
            Assert.AreEqual(chat.GetProperty("rendered").GetString(), text, what);
            Assert.AreSequenceEqual(TokenizerGoldens.Ids(chat, "ids"), tokenizer.Encode(text, ChatTemplate.Encoding), what);
            cases--;
        }

        Assert.AreEqual(0, cases);
    }

    [TestMethod]
    public void Render_LlamaCppsChats_AreEqualButForWhatItAdds()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("data/chat_templates/golden_llamacpp.json")));
        JsonElement golden = document.RootElement;
        ChatMessage[] messages = Chats.Read(golden.GetProperty("conversation"));
        int equal = 0;
        int withoutTemplate = 0;
        List<string> different = [];
        foreach (JsonElement chat in golden.GetProperty("cases").EnumerateArray())
        {
            string name = chat.GetProperty("name").GetString()!;
            string text = chat.GetProperty("template_str").GetString()!;
            string[] expected = [.. new[] { "expected_output", "expected_output_jinja" }.Select(field => chat.GetProperty(field).GetString()!)];
            if (text.Length == 0)
                withoutTemplate++;
            else if (expected.Contains(RenderOrRefuse(text, chat, messages)))
                equal++;
            else
                different.Add(name);
        }

        Assert.AreSequenceEqual(OnlyInLlamaCpp.Keys.Order(StringComparer.Ordinal).ToArray(), different.Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(24, equal);
        Assert.AreEqual(2, withoutTemplate);
    }

    [TestMethod]
    public void Render_EveryTemplateFile_WritesACallOfAToolWhereItKnowsThem()
    {
        string folder = SharedData.Require("data/chat_templates");
        using JsonDocument chat = JsonDocument.Parse("""
            [{"role": "user", "content": "Weather?"},
             {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {"name": "look", "arguments": {"at": "Malmö", "days": [1, 2.5]}}}]},
             {"role": "tool", "name": "look", "tool_call_id": "abcdefghi", "content": "rain"}]
            """);
        ChatMessage[] messages = Chats.Read(chat.RootElement);
        // Phi-3.5 knows no tools, and DeepSeek's writes a call only where the content is none.
        string[] silent = ["microsoft-Phi-3.5", "deepseek-ai"];
        foreach (string file in Directory.GetFiles(folder, "*.jinja"))
        {
            var template = ChatTemplate.Parse(File.ReadAllText(file), "<s>", "</s>");
            string name = Path.GetFileName(file);
            if (name.StartsWith("google-gemma", StringComparison.Ordinal))
                Assert.AreEqual("Conversation roles must alternate user/assistant/user/assistant/...", Assert.ThrowsExactly<ChatTemplateException>(() => template.Render(messages)).Raised);
            else
                Assert.AreEqual(!silent.Any(start => name.StartsWith(start, StringComparison.Ordinal)), template.Render(messages).Contains("look", StringComparison.Ordinal), name);
        }
    }

    private static string RenderOrRefuse(string text, JsonElement chat, ChatMessage[] messages)
    {
        try
        {
            return ChatTemplate.Parse(text, chat.GetProperty("bos_token").GetString(), chat.GetProperty("eos_token").GetString())
                .Render(messages, new ChatTemplateOptions { AddGenerationPrompt = true, Now = Chats.Now });
        }
        catch (ChatTemplateException refusal)
        {
            return refusal.Message;
        }
    }
}
