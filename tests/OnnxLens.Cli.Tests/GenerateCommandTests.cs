using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens generate</c>: text and ids as transformers and the reference decoder give them.</summary>
[TestClass]
public sealed class GenerateCommandTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Generate_Stories64Tokens_IsTransformersText(int index)
    {
        JsonElement golden = GoldenPrompt(index);
        string prompt = golden.GetProperty("prompt").GetString()!;
        CliOutcome outcome = CliRunner.Run("generate", Models.StoriesBundle, "--prompt", prompt, "--max-new-tokens", "64").Expect(ExitCodes.Done);
        Assert.AreEqual(golden.GetProperty("greedy_text").GetString() + "\n", prompt + outcome.Out);
        Assert.AreEqual("", outcome.Error);
    }

    [TestMethod]
    public void Generate_Json_HasIdsTextAndProvenance()
    {
        JsonElement golden = GoldenPrompt(0);
        CliOutcome outcome = CliRunner.Run("generate", Models.StoriesBundle, "--prompt", golden.GetProperty("prompt").GetString()!, "--max-new-tokens", "64", "--json").Expect(ExitCodes.Done);
        using JsonDocument json = JsonDocument.Parse(outcome.Out);
        JsonElement root = json.RootElement;
        Assert.AreSequenceEqual(Ids(golden.GetProperty("ids")), Ids(root.GetProperty("prompt_ids")));
        Assert.AreSequenceEqual(Ids(golden.GetProperty("greedy_ids")), Ids(root.GetProperty("generated_ids")));
        Assert.AreEqual(golden.GetProperty("greedy_text").GetString(), golden.GetProperty("prompt").GetString() + root.GetProperty("text").GetString());
        Assert.AreEqual("max_new_tokens", root.GetProperty("stop_reason").GetString());
        Assert.AreEqual(LensBundle.Open(Models.StoriesBundle).Hash, root.GetProperty("provenance").GetProperty("bundle_hash").GetString());
    }

    [TestMethod]
    public void Generate_WithoutTokenizer_StreamsTheReferencesIds()
    {
        int[] prompt = Models.Llama.Tokens(6);
        CliOutcome outcome = CliRunner.Run("generate", Models.LlamaBundle, "--tokens", string.Join(',', prompt), "--max-new-tokens", "8").Expect(ExitCodes.Done);
        Assert.AreEqual(string.Join(' ', Models.Llama.Reference.Greedy(prompt, 8)) + "\n", outcome.Out);
    }

    [TestMethod]
    public void Generate_AfterNothingButBos_BeginsTheText()
    {
        CliOutcome outcome = CliRunner.Run("generate", Models.StoriesBundle, "--tokens", "1", "--max-new-tokens", "4").Expect(ExitCodes.Done);
        Assert.IsFalse(char.IsWhiteSpace(outcome.Out[0]), outcome.Out);
    }

    [TestMethod]
    public void Generate_PromptFile_IsTakenAsItIs()
    {
        using var runner = new CliRunner();
        File.WriteAllText(runner["prompt.txt"], "\uFEFFLily and\n");
        using JsonDocument json = JsonDocument.Parse(runner.Invoke("generate", Models.StoriesBundle, "--prompt-file", runner["prompt.txt"], "--max-new-tokens", "1", "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("Lily and\n", json.RootElement.GetProperty("prompt").GetString());
    }

    [TestMethod]
    public void Generate_StopTextAndStopId_EndIt()
    {
        JsonElement golden = GoldenPrompt(0);
        string prompt = golden.GetProperty("prompt").GetString()!;
        string[] start = ["generate", Models.StoriesBundle, "--prompt", prompt, "--max-new-tokens", "64"];
        Assert.AreEqual(" Lily. She loved to \n", CliRunner.Run([.. start, "--stop", "nothing", "play"]).Expect(ExitCodes.Done).Out);
        int third = golden.GetProperty("greedy_ids")[2].GetInt32();
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run([.. start, "--json", "--stop-id", $"{third}"]).Expect(ExitCodes.Done).Out);
        Assert.AreEqual("stop_id", json.RootElement.GetProperty("stop_reason").GetString());
        Assert.HasCount(3, Ids(json.RootElement.GetProperty("generated_ids")));
    }

    [TestMethod]
    public void Generate_NoCountAndLittleRoom_StopsAtTheBundlesLength()
    {
        string prompt = string.Join(',', Models.Llama.Tokens(500));
        using JsonDocument json = JsonDocument.Parse(CliRunner.Run("generate", Models.LlamaBundle, "--tokens", prompt, "--json").Expect(ExitCodes.Done).Out);
        Assert.AreEqual("max_length", json.RootElement.GetProperty("stop_reason").GetString());
        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("text").ValueKind);
    }

    [TestMethod]
    public void Generate_Seed_DecidesTheTokens()
    {
        CliRunner.Run("generate", Models.LlamaBundle, "--tokens", "1,2,3", "--max-new-tokens", "2", "--temperature", "0", "--seed", "1").Expect(ExitCodes.Done);

        string Sample(string seed) => CliRunner.Run("generate", Models.LlamaBundle, "--tokens", "1,2,3", "--max-new-tokens", "12", "--temperature", "1.5", "--top-k", "50", "--seed", seed).Expect(ExitCodes.Done).Out;
        Assert.AreEqual(Sample("1"), Sample("1"));
        Assert.AreNotEqual(Sample("1"), Sample("2"));
    }

    [TestMethod]
    public void Generate_CancelledBeforeItBegins_IsCancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        using var runner = new CliRunner();
        CliOutcome outcome = runner.Invoke(source.Token, "generate", Models.LlamaBundle, "--tokens", "1").Expect(ExitCodes.Cancelled);
        Assert.AreEqual("cancelled\n", outcome.Error);
    }

    private static JsonElement GoldenPrompt(int index)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Models.Stories, "golden.json")));
        return golden.RootElement.GetProperty("prompts")[index].Clone();
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}
