using System.Text.Json;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>What a template is given, and how its refusals read.</summary>
[TestClass]
public sealed class ChatTemplateTests
{
    [TestMethod]
    public void Render_RaisedException_IsTheTemplatesMessageWithItsLine()
    {
        ChatTemplateException refusal = Chats.Refusal("{% for m in messages %}\n{% if m.role == 'user' %}\n{{ raise_exception('No ' ~ m.role ~ ' here') }}{% endif %}{% endfor %}");
        Assert.AreEqual("No user here", refusal.Raised);
        Assert.AreEqual(3, refusal.Line);
        Assert.AreEqual("the chat template, line 3: the template refuses these messages: No user here", refusal.Message);
    }

    [TestMethod]
    [DataRow("a\n\n{{ foo.bar }}", 3, "'foo' is undefined")]
    [DataRow("{{ messages[0].name.first }}", 1, "'dict object' has no attribute 'name'")]
    [DataRow("{% set x = [] %}\n{{ x.append(1) }}", 2, "access to attribute 'append' of 'list' object is unsafe")]
    [DataRow("x\n{{ 'a' + 1 }}", 2, "can only concatenate str (not \"int\") to str")]
    [DataRow("x\n{% if %}", 2, "'%}' stands where an expression was expected")]
    [DataRow("{% for x in y %}\n\n", 2, "'{% endfor %}'")]
    [DataRow("\n{{ a | nofilter }}", 2, "there is no filter named 'nofilter'")]
    [DataRow("\n{{ 1 is notest }}", 2, "there is no test named 'notest'")]
    [DataRow("\n\n{# never closed ", 3, "a comment is not closed by '#}'")]
    [DataRow("{% raw %}\nnever closed", 1, "is not closed by '{% endraw %}'")]
    [DataRow("\n{{ 'a", 2, "the character ''' does not belong here")]
    [DataRow("\n{{ (1] }}", 2, "']' closes nothing that is open")]
    [DataRow("\n{% include 'other' %}", 2, "a chat template has none beside it")]
    [DataRow("\n{% do 1 %}", 2, "there is no tag 'do'")]
    [DataRow("\n{% break %}", 2, "stands outside a loop")]
    [DataRow("{{ messages | map(attribute='role') }}", 1, "it needs '|list' or '|join'")]
    [DataRow("{{ '\\N{DASH}' }}", 1, "write the character itself")]
    [DataRow("{{ 'a' | urlize }}", 1, "is not built here")]
    [DataRow("{{ 'a'.encode() }}", 1, "is not built here")]
    [DataRow("{% autoescape true %}{% endautoescape %}", 1, "which chat templates do not write")]
    public void Render_WhatJinjaRefuses_SaysLineAndCause(string template, int line, string cause)
    {
        ChatTemplateException refusal = Chats.Refusal(template);
        Assert.Contains(cause, refusal.Message);
        Assert.StartsWith($"the chat template, line {line}: ", refusal.Message);
        Assert.AreEqual(line, refusal.Line);
        Assert.IsNull(refusal.Raised);
    }

    [TestMethod]
    public void Render_ControlCharactersInARefusal_AreShownAndKept()
    {
        ChatTemplateException refusal = Chats.Refusal("{{ raise_exception('a\x1b[2J\nb') }}");
        Assert.AreEqual("a\u001b[2J\nb", refusal.Raised);
        Assert.EndsWith(@"a\x1B[2J\x0Ab", refusal.Message);
    }

    [TestMethod]
    public void Render_VariableThatIsNoUnicode_IsRefused()
    {
        var options = new ChatTemplateOptions { Variables = Chats.Variables("""{"x": "\ud83d"}""") };
        var template = ChatTemplate.Parse("{{ x }}");
        Assert.Contains("lone surrogate", Assert.ThrowsExactly<ChatTemplateException>(() => template.Render([], options)).Message);
    }

    [TestMethod]
    public void Render_MembersOfMessages_FollowRoleAndContent()
    {
        var message = new ChatMessage("assistant", null)
        {
            Members = [KeyValuePair.Create("tool_calls", JsonSerializer.SerializeToElement(new object[] { 1, 2.50m, true, "ü", 12345678901234567890 }))],
        };
        Assert.AreEqual(
            """{"role": "assistant", "content": null, "tool_calls": [1, 2.5, true, "ü", 12345678901234567890]}""",
            ChatTemplate.Parse("{{ messages[0] | tojson }}").Render([message]));
        var other = new ChatMessage("user", "x") { Members = [KeyValuePair.Create("content", JsonSerializer.SerializeToElement(new[] { "part" }))] };
        Assert.AreEqual("{'role': 'user', 'content': ['part']}", ChatTemplate.Parse("{{ messages[0] }}").Render([other]));
    }

    [TestMethod]
    public void Render_Variables_GoBeforeSpecialTokens()
    {
        var template = ChatTemplate.Parse("{{ bos_token }}{{ eos_token }}{{ x }}", "<b>", "<e>");
        Assert.AreEqual("<b><e>", template.Render([]));
        Assert.AreEqual("<c><e>[1, None]", template.Render([], new ChatTemplateOptions { Variables = Chats.Variables("""{"x": [1, null], "bos_token": "<c>"}""") }));
    }

    [TestMethod]
    public void Render_NoTimeGiven_IsThePresentOne()
    {
        int before = DateTime.Now.Year;
        int year = int.Parse(ChatTemplate.Parse("{{ strftime_now('%Y') }}").Render([]), System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsInRange(before, DateTime.Now.Year, year);
    }

    [TestMethod]
    public void Render_TwiceAndAtOnce_GivesTheSame()
    {
        var template = ChatTemplate.Parse("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{% endfor %}{% set messages = 1 %}{{ messages }}");
        string[] texts = [.. Enumerable.Range(0, 50).AsParallel().Select(_ => template.Render(Chats.Messages))];
        Assert.IsTrue(texts.All(text => text == "1231"));
    }

    [TestMethod]
    public void Hash_OfATemplate_IsThatOfItsBytes()
    {
        // sha256 of "{{ 'é' }}" in UTF-8.
        Assert.AreEqual(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("{{ 'é' }}"u8)), ChatTemplate.Parse("{{ 'é' }}").Hash);
    }

    [TestMethod]
    public void Render_LoneSurrogates_PassThrough()
    {
        Assert.AreEqual("\uD83D1", ChatTemplate.Parse("{{ messages[0].content }}{{ messages[0].content | length }}").Render([new ChatMessage("user", "\uD83D")]));
    }
}
