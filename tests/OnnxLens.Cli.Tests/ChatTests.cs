using System.Text.Json;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Tests;

/// <summary><c>--chat</c> and <c>--system</c>: the prompt goes through the model's chat template.</summary>
[TestClass]
public sealed class ChatTests
{
    private const string Template = "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

    [TestMethod]
    public void Generate_Chat_PromptIsTheRenderedOne()
    {
        using var runner = new CliRunner();
        string checkpoint = DemoWithTemplate(runner, Template);
        string[] start = ["generate", checkpoint, "--prompt", "Anna", "--max-new-tokens", "1", "--json", "--quiet"];
        AssertPrompt("user: Anna<|endoftext|>assistant:", Provenance(runner, [.. start, "--chat"]));
        AssertPrompt("system: Be kind.<|endoftext|>user: Anna<|endoftext|>assistant:", Provenance(runner, [.. start, "--chat", "--system", "Be kind."]));
        AssertPrompt("Anna", Provenance(runner, start));
    }

    [TestMethod]
    public void Lens_Chat_FilesHoldTheRenderedPrompt()
    {
        using var runner = new CliRunner();
        string checkpoint = DemoWithTemplate(runner, Template);
        File.WriteAllText(runner["prompt.txt"], "Anna");
        runner.Invoke("lens", checkpoint, "--chat", "--prompt-file", runner["prompt.txt"], "--json", runner["lens.json"], "--quiet").Expect(ExitCodes.Done);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(runner["lens.json"]));
        AssertPrompt("user: Anna<|endoftext|>assistant:", json.RootElement.GetProperty("provenance"));
    }

    [TestMethod]
    public void Lens_ChatOfManyPrompts_DecodesTheRenderedOnes()
    {
        using var runner = new CliRunner();
        string checkpoint = DemoWithTemplate(runner, Template);
        File.WriteAllText(runner["prompts.jsonl"], "\"Anna\"\n");
        runner.Invoke("lens", checkpoint, "--chat", "--prompts", runner["prompts.jsonl"], "--csv", runner["many"], "--quiet").Expect(ExitCodes.Done);
        runner.Invoke("lens", checkpoint, "--chat", "--prompt", "Anna", "--csv", runner["one"], "--quiet").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(File.ReadLines(runner["one/cells.csv"]).Skip(1).Select(row => $"1,{row}").ToArray(), File.ReadLines(runner["many/cells.csv"]).Skip(1).ToArray());
        Assert.Contains("\"chat_template_hash\": \"", File.ReadAllText(runner["many/provenance.json"]));
        File.WriteAllText(runner["prompts.jsonl"], "[1, 2]\n");
        runner.Invoke("lens", checkpoint, "--chat", "--prompts", runner["prompts.jsonl"], "--csv", runner["ids"], "--quiet").ExpectError(ExitCodes.BadData, "line 1: --chat wraps a text");
    }

    [TestMethod]
    public void Tokenize_Chat_IsTheIdsOfTheRenderedText()
    {
        using var runner = new CliRunner();
        string checkpoint = DemoWithTemplate(runner, Template);
        int[] expected = Tokenizer.Load(checkpoint).Encode("user: Anna<|endoftext|>assistant:");
        using JsonDocument json = JsonDocument.Parse(runner.Invoke("tokenize", checkpoint, "Anna", "--chat", "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual($"[{string.Join(',', expected)}]", json.RootElement.GetProperty("ids").GetRawText());
        File.WriteAllText(runner["texts.jsonl"], "\"Anna\"\n\"Anna\"\n");
        string lines = runner.Invoke("tokenize", checkpoint, "--chat", "--file", runner["texts.jsonl"]).Expect(ExitCodes.Done).Out;
        Assert.AreEqual(string.Concat(Enumerable.Repeat($"[{string.Join(',', expected)}]\n", 2)), lines);
    }

    [TestMethod]
    public void Tokenize_ChatOfAModelWithBos_AddsNoneToThatOfTheTemplate()
    {
        using var runner = new CliRunner();
        File.Copy(Path.Combine(Models.Stories, "tokenizer.json"), Directory.CreateDirectory(runner["tokenizer"]).FullName + "/tokenizer.json");
        File.WriteAllText(runner["tokenizer/chat_template.jinja"], "<s>{{ messages[0].content }}");
        using JsonDocument json = JsonDocument.Parse(runner.Invoke("tokenize", runner["tokenizer"], "Lily", "--chat", "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("[1,317]", json.RootElement.GetProperty("ids").GetRawText());
    }

    [TestMethod]
    [DataRow("lens")]
    [DataRow("generate")]
    public void Run_ModelWithoutTemplate_SaysSo(string command) =>
        CliRunner.Run(command, Models.DemoBundle, "--chat", "--prompt", "a").ExpectError(ExitCodes.BadData, "has no chat template; expected chat_template.jinja");

    [TestMethod]
    public void Tokenize_FolderWithoutTemplate_SaysSo() =>
        CliRunner.Run("tokenize", Models.Demo, "a", "--chat").ExpectError(ExitCodes.BadData, "has no chat template; expected chat_template.jinja");

    [TestMethod]
    public void Run_TemplateThatRefuses_ShowsItsMessage()
    {
        using var runner = new CliRunner();
        string checkpoint = DemoWithTemplate(runner, "{% if messages[0].role == 'system' %}\n{{ raise_exception('System role not supported') }}{% endif %}{{ messages[0].content }}");
        runner.Invoke("generate", checkpoint, "--chat", "--prompt", "a", "--system", "b", "--quiet")
            .ExpectError(ExitCodes.BadData, "chat_template.jinja, line 2: the template refuses these messages: System role not supported");
    }

    [TestMethod]
    [DataRow("lens BUNDLE --chat --tokens 1", "--chat wraps a text, and --tokens gives ids")]
    [DataRow("generate BUNDLE --chat --tokens 1", "--chat wraps a text, and --tokens gives ids")]
    [DataRow("generate BUNDLE --prompt a --system b", "--system is a message of a chat; give --chat too")]
    [DataRow("tokenize BUNDLE a --system b", "--system is a message of a chat; give --chat too")]
    [DataRow("tokenize BUNDLE a --chat --plain", "--plain would take them as text")]
    [DataRow("lens BUNDLE --chat", "There is no prompt")]
    public void Run_ChatThatContradictsItself_IsUsageError(string line, string fragment) =>
        CliRunner.Run([.. line.Split(' ').Select(word => word == "BUNDLE" ? Models.DemoBundle : word)]).ExpectError(ExitCodes.Usage, fragment);

    [TestMethod]
    public void Run_ChatOfAModelWithoutTokenizer_SaysSo() =>
        CliRunner.Run("lens", Models.LlamaBundle, "--chat", "--prompt", "a").ExpectError(ExitCodes.BadData, "no tokenizer files");

    private static string DemoWithTemplate(CliRunner runner, string template)
    {
        string folder = Directory.CreateDirectory(runner["checkpoint"]).FullName;
        foreach (string file in Directory.GetFiles(Models.Demo))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), template);
        return folder;
    }

    private static JsonElement Provenance(CliRunner runner, string[] args)
    {
        using JsonDocument json = JsonDocument.Parse(runner.Invoke(args).Expect(ExitCodes.Done).Out);
        return json.RootElement.GetProperty("provenance").Clone();
    }

    private static void AssertPrompt(string expected, JsonElement provenance)
    {
        Assert.AreEqual(expected, provenance.GetProperty("prompt").GetString());
        Assert.AreSequenceEqual(Tokenizer.Load(Models.Demo).Encode(expected), [.. provenance.GetProperty("prompt_ids").EnumerateArray().Select(id => id.GetInt32())]);
    }
}
