using System.Text.Json;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens tokenize</c>, on tokenizers of the shared data.</summary>
[TestClass]
public sealed class TokenizeCommandTests
{
    [TestMethod]
    public void Tokenize_Text_ShowsIdsTokensAndBytes()
    {
        CliOutcome outcome = CliRunner.Run("tokenize", Models.Stories, "Lily 世\u001b").Expect(ExitCodes.Done);
        string[] expected =
        [
            "pos   id  token          bytes",
            "  0    1  <s> (special)  3c 73 3e",
            "  1  317  ·Lily          20 4c 69 6c 79",
            "  2  410  ·              20",
            "  3  231  <0xE4>         e4",
            "  4  187  <0xB8>         b8",
            "  5  153  <0x96>         96",
            "  6   30  \\x1B           1b",
        ];
        Assert.AreSequenceEqual(expected, outcome.Lines, outcome.Out);
    }

    [TestMethod]
    public void Tokenize_Json_IsOneObject()
    {
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("tokenize", Models.Stories, "Lily", "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("[1,317]", json.RootElement.GetProperty("ids").GetRawText());
        Assert.AreEqual("""{"id":317,"text":" Lily","bytes":"204c696c79","special":false}""", json.RootElement.GetProperty("tokens")[1].GetRawText());
    }

    [TestMethod]
    public void Tokenize_File_GivesALineOfIdsForEachString()
    {
        using var runner = new CliRunner();
        File.WriteAllText(runner["texts.jsonl"], "\"Lily\"\r\n\"\"\n\"<s>Li\\u006cy\"");
        string[] start = ["tokenize", Models.Stories, "--file", runner["texts.jsonl"]];
        Assert.AreEqual("[1,317]\n[1]\n[1,1,317]\n", runner.Invoke(start).Expect(ExitCodes.Done).Out);
        Assert.AreEqual("[317]\n[]\n[1,317]\n", runner.Invoke([.. start, "--no-special"]).Expect(ExitCodes.Done).Out);
        string plain = runner.Invoke([.. start, "--no-special", "--plain"]).Expect(ExitCodes.Done).Out;
        Assert.StartsWith("[317]\n[]\n[", plain);
        Assert.DoesNotContain("[1,317]", plain);
    }

    [TestMethod]
    [DataRow("\"a\"\n\n\"b\"", 2)]
    [DataRow("\"a\"\n{\"text\": 1}", 2)]
    [DataRow("no json", 1)]
    public void Tokenize_FileWithALineThatIsNoString_NamesTheLine(string content, int line)
    {
        using var runner = new CliRunner();
        File.WriteAllText(runner["texts.jsonl"], content);
        CliOutcome outcome = runner.Invoke("tokenize", Models.Stories, "--file", runner["texts.jsonl"]).Expect(ExitCodes.BadData);
        Assert.Contains($"line {line} is no JSON string", outcome.Error);
        Assert.HasCount(line - 1, outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [TestMethod]
    public void Tokenize_FileOfOtherEncoding_IsBadData()
    {
        using var runner = new CliRunner();
        File.WriteAllBytes(runner["texts.jsonl"], [0x22, 0xE9, 0x22]);
        runner.Invoke("tokenize", Models.Stories, "--file", runner["texts.jsonl"]).ExpectError(ExitCodes.BadData, "is not UTF-8");
    }

    [TestMethod]
    public void Tokenize_FolderOfTokenizerFilesOnly_WillDo()
    {
        using var runner = new CliRunner();
        Directory.CreateDirectory(runner["tokenizer"]);
        File.Copy(Path.Combine(SharedData.Require("golden/stories260K-hf"), "tokenizer.json"), runner["tokenizer/tokenizer.json"]);
        Assert.EndsWith("317]\n", runner.Invoke("tokenize", runner["tokenizer"], "--file", Strings(runner)).Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Tokenize_FolderWithoutTokenizer_IsBadData() =>
        CliRunner.Run("tokenize", Models.LlamaBundle, "text").ExpectError(ExitCodes.BadData, "tokenizer");

    private static string Strings(CliRunner runner)
    {
        File.WriteAllText(runner["texts.jsonl"], "\"Lily\"\n");
        return runner["texts.jsonl"];
    }
}
