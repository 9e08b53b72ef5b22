using OnnxLens.Testing;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>Where a folder's chat template is found, and what it is told of special tokens.</summary>
[TestClass]
public sealed class ChatTemplateFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Load_SeveralFiles_TakesTheNewestForm()
    {
        Write("tokenizer_config.json", """{"chat_template": "config"}""");
        Assert.AreEqual("config", Load().Text);
        Write("chat_template.json", """{"chat_template": "json"}""");
        Assert.AreEqual("json", Load().Text);
        Write("chat_template.jinja", "\uFEFFjinja\n");
        Assert.AreEqual("jinja\n", Load().Text);
        Assert.AreEqual("jinja", Load().Render([]));
    }

    [TestMethod]
    [DataRow("""[{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]""", "D")]
    [DataRow("""{"rag": "R", "default": "D"}""", "D")]
    [DataRow("""[{"name": "only", "template": "O"}]""", "O")]
    public void Load_SeveralTemplates_TakesTheDefault(string templates, string expected)
    {
        Write("tokenizer_config.json", $$"""{"chat_template": {{templates}}}""");
        Assert.AreEqual(expected, Load().Text);
    }

    [TestMethod]
    public void Load_SeveralTemplatesWithoutDefault_NamesThem()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "rag", "template": "R"}, {"name": "tool_use", "template": "T"}]}""");
        string message = Assert.ThrowsExactly<TokenizerException>(Load).Message;
        Assert.Contains("tokenizer_config.json: chat_template", message);
        Assert.Contains("rag, tool_use", message);
    }

    [TestMethod]
    public void Load_SpecialTokens_AreTextsOfConfigBeforeMap()
    {
        Write("chat_template.jinja", "{{ bos_token }}|{{ eos_token }}|{{ pad_token }}|{{ unk_token is defined }}");
        Write("special_tokens_map.json", """{"bos_token": "<map>", "eos_token": {"content": "</map>"}, "pad_token": "<pad>"}""");
        Assert.AreEqual("<map>|</map>|<pad>|False", Load().Render([]));
        Write("tokenizer_config.json", """{"bos_token": {"__type": "AddedToken", "content": "<config>"}, "eos_token": null}""");
        Assert.AreEqual("<config>|</map>|<pad>|False", Load().Render([]));
    }

    [TestMethod]
    public void Load_NoTemplate_SaysWhereItWasLookedFor()
    {
        Assert.IsFalse(ChatTemplate.Exists(_folder.Path));
        string message = Assert.ThrowsExactly<ChatTemplateException>(Load).Message;
        Assert.Contains("has no chat template; expected chat_template.jinja, chat_template.json, or 'chat_template' in tokenizer_config.json", message);
        Write("tokenizer_config.json", """{"bos_token": "<s>"}""");
        Assert.IsFalse(ChatTemplate.Exists(_folder.Path));
        Write("chat_template.json", """{"chat_template": ""}""");
        Assert.IsTrue(ChatTemplate.Exists(_folder.Path));
    }

    [TestMethod]
    [DataRow("chat_template.json", "[]", "chat_template.json is an array; expected an object")]
    [DataRow("chat_template.json", "{", "chat_template.json: not valid JSON")]
    [DataRow("tokenizer_config.json", """{"chat_template": 5}""", "tokenizer_config.json: chat_template is 5; expected")]
    [DataRow("tokenizer_config.json", """{"chat_template": [{"name": "default"}]}""", "chat_template[0].template is missing")]
    [DataRow("chat_template.jinja", "", "chat_template.jinja: cannot be read")]
    public void Load_MalformedFile_IsNamed(string file, string content, string cause)
    {
        Write(file, content);
        Assert.Contains(cause, Assert.ThrowsExactly<TokenizerException>(Load).Message);
    }

    [TestMethod]
    public void Load_TemplateThatIsNoUtf8_IsNamed()
    {
        File.WriteAllBytes(_folder["chat_template.jinja"], [0x41, 0xE9]);
        Assert.Contains("chat_template.jinja is not UTF-8", Assert.ThrowsExactly<TokenizerException>(Load).Message);
    }

    [TestMethod]
    public void Load_TemplateThatIsNoTemplate_NamesFileAndLine()
    {
        Write("chat_template.jinja", "a\n{% if %}");
        Assert.StartsWith("chat_template.jinja, line 2: ", Assert.ThrowsExactly<ChatTemplateException>(Load).Message);
    }

    [TestMethod]
    public void Load_TemplateBesideATokenizer_LeavesItsHashAlone()
    {
        Write("tokenizer.json", TinyTokenizer.ByteLevel().Root.ToJsonString());
        string hash = Tokenizer.Load(_folder.Path).Hash;
        Write("chat_template.jinja", "<s>{{ messages[0].content }}");
        var tokenizer = Tokenizer.Load(_folder.Path);
        Assert.AreEqual(hash, tokenizer.Hash);
        Assert.AreSequenceEqual<int>([260, 259], tokenizer.Encode(Load().Render([new ChatMessage("user", "aa")]), ChatTemplate.Encoding));
    }

    private ChatTemplate Load() => ChatTemplate.Load(_folder.Path);

    private void Write(string name, string content) => File.WriteAllText(_folder[name], content);
}
