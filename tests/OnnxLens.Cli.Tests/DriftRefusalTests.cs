using System.Text.Json.Nodes;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>Comparisons that are refused: one message, nothing written.</summary>
[TestClass]
public sealed class DriftRefusalTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    [DataRow("--vector BOLD", "--vector says how slopes are compared, but there is nothing to measure them on. Give --dataset FILE too.")]
    [DataRow("--multipliers 0,1", "--multipliers says how slopes are compared")]
    [DataRow("--limit 3", "--limit says how slopes are compared")]
    [DataRow("--chat", "--chat says how slopes are compared")]
    [DataRow("--steer-layers 3", "--steer-layers says how slopes are compared")]
    [DataRow("--dataset TEST", "There are no vectors whose slopes could be compared on --dataset")]
    [DataRow("--dataset TEST --vector BOLD --method pca", "none are extracted. Give --extract FILE too")]
    [DataRow("--dataset TEST --vector BOLD --extract-in each", "none are extracted. Give --extract FILE too")]
    [DataRow("--dataset TEST --extract TRAIN --extract-in b", "'b' after --extract-in is no place to extract. Write a or each.")]
    [DataRow("--dataset TEST --dataset TEST --vector BOLD", "Two datasets are called 'bold-test'")]
    [DataRow("--plot svg", "Give --out DIR too")]
    [DataRow("--plot pdf --out OUT", "'pdf' after --plot is no form of a picture")]
    [DataRow("--top-k 0", "'--top-k' is 0; it must be 1 or more")]
    [DataRow("--top-k 2000", "it must be 1000 or less")]
    [DataRow("--prompts OUT/drift.csv --out OUT", "is read here, and a result would replace it")]
    [DataRow("--dataset OUT/drift.json --vector BOLD --out OUT", "is read here, and a result would replace it")]
    [DataRow("--html OUT/drift.csv --out OUT", "is named for two results")]
    [DataRow("--html p.txt --prompts p.txt", "is read here, and a result would replace it")]
    [DataRow("--sites inner", "inner")]
    public void Drift_OptionsThatContradict_IsUsageError(string line, string fragment) => Refused(ExitCodes.Usage, line, fragment);

    [TestMethod]
    [DataRow("--prompts MISSING", "cannot be read")]
    [DataRow("--prompts BLANK", "holds no prompt. Give one a line")]
    [DataRow("--prompts BLANKJSON", "holds no prompt")]
    [DataRow("--prompts BADJSON", "line 2: this is no JSON")]
    [DataRow("--prompts OTHERJSON", "line 1: expected an object with the prompt in 'text' or 'prompt' or its ids in 'tokens'")]
    [DataRow("--prompts BOTH", "line 1: expected an object")]
    [DataRow("--prompts NOIDS", "line 2: the prompt has no tokens")]
    [DataRow("--prompts LARGE", "line 1: token id 99999 is out of range")]
    [DataRow("--prompts NEGATIVE", "line 1: token id -1 is out of range")]
    [DataRow("--prompts LONG", "line 1: the prompt has 300 tokens, and the bundles run at most 256")]
    [DataRow("--positions 9", "The prompt in line 1: There is no position 9")]
    [DataRow("--positions generated", "The prompt in line 1: 'generated' selects no position")]
    [DataRow("--layers 6", "There is no layer 6")]
    [DataRow("--prompts FOLDER", "is a folder, where a file of text was expected")]
    [DataRow("--dataset TEST --vector BOLD --steer-sites attn_in", "has no vector at the sites and layers to be swept")]
    [DataRow("--dataset TEST --vector BOLD --limit 1", "has a single sample")]
    [DataRow("--dataset TEST --vector MISSING", "There is no vector file")]
    [DataRow("--html FOLDER", "it is a folder. Give the name of a file")]
    [DataRow("--out FILE", "it is a file")]
    public void Drift_WhatIsNotThereOrDoesNotFit_IsBadData(string line, string fragment) => Refused(ExitCodes.BadData, line, fragment);

    [TestMethod]
    public void Drift_OfTwoModels_SaysWhatDiffers()
    {
        Write("prompts.jsonl", "[1,2]\n");
        RandomCheckpoint.Write(_runner["other"], Models.Llama.Options with { VocabularySize = Models.Llama.Options.VocabularySize - 8, Layers = 3 });
        _runner.Invoke("drift", Models.LlamaBundle, TestBundles.Of(_runner["other"]), "--prompts", _runner["prompts.jsonl"])
            .ExpectError(ExitCodes.BadData, $"The two bundles are not of one model: they have 4 and 3 layers, a vocabulary of {Models.Llama.Options.VocabularySize} and {Models.Llama.Options.VocabularySize - 8}");
    }

    [TestMethod]
    public void Drift_TokenizersThatMakeOtherTokens_AreRefusedUnlessIdsAreGiven()
    {
        string other = DemoWithTokenizer(SwapTwoIds);
        Write("p.txt", "This is a drum, and that is a bell.\n");
        Write("ids.jsonl", "[5,6,7]\n");
        _runner.Invoke("drift", SteeringDemo.Bundle, TestBundles.Of(other), "--prompts", _runner["p.txt"]).ExpectError(ExitCodes.BadData, "The tokenizers of A and B differ: of '");
        _runner.Invoke("drift", SteeringDemo.Bundle, TestBundles.Of(other), "--prompts", _runner["ids.jsonl"]).Expect(ExitCodes.Done);
    }

    [TestMethod]
    public void Drift_OneTokenizerInOtherWords_IsTakenAndSaid()
    {
        string other = DemoWithTokenizer(json => json + "\n");
        Write("p.txt", "This is a drum.\n");
        CliOutcome outcome = _runner.Invoke("drift", SteeringDemo.Bundle, TestBundles.Of(other), "--prompts", _runner["p.txt"]).Expect(ExitCodes.Done);
        Assert.Contains("the tokenizer files of A and B differ, but make the same tokens of every prompt", outcome.Error);
    }

    [TestMethod]
    public void Drift_TextWithoutTokenizer_SaysHowToGiveIds()
    {
        Write("p.txt", "This is a drum.\n");
        _runner.Invoke("drift", Models.LlamaBundle, Models.LlamaBundle, "--prompts", _runner["p.txt"]).ExpectError(ExitCodes.BadData, "Neither bundle has the tokenizer files");
    }

    [TestMethod]
    public void Drift_VectorOfAnotherModel_IsRefusedUnlessAskedFor()
    {
        string changed = ChangedCheckpoint.Write(Models.Demo, _runner["changed"], "model.norm.weight", (_, value) => value * 1.5f);
        string alien = TestBundles.Of(changed);
        Write("ids.jsonl", "[5,6,7]\n");
        string[] slopes = ["--prompts", _runner["ids.jsonl"], "--dataset", SteeringDemo.Dataset("bold-test.json"), "--vector", SteeringDemo.Bold, "--limit", "2"];
        _runner.Invoke(["drift", alien, alien, .. slopes]).ExpectError(ExitCodes.BadData, "give --other-model");
        _runner.Invoke(["drift", alien, alien, .. slopes, "--other-model"]).Expect(ExitCodes.Done);
        _runner.Invoke(["drift", alien, SteeringDemo.Bundle, .. slopes]).Expect(ExitCodes.Done);
    }

    [TestMethod]
    public void Drift_MoreThanAPageHolds_IsRefusedBeforeTheRun()
    {
        Write("ids.jsonl", string.Concat(Enumerable.Repeat($"[{string.Join(',', Enumerable.Repeat(5, 256))}]\n", 200)));
        string page = _runner["page.html"];
        _runner.Invoke("drift", SteeringDemo.Bundle, SteeringDemo.Bundle, "--prompts", _runner["ids.jsonl"], "--sites", "all", "--html", page)
            .ExpectError(ExitCodes.BadData, "Ask for fewer prompts, positions, layers or sites, or leave --html out");
        Assert.IsFalse(File.Exists(page));
    }

    private static string SwapTwoIds(string tokenizer)
    {
        JsonNode json = JsonNode.Parse(tokenizer)!;
        JsonNode vocabulary = json["model"]!["vocab"]!;
        (int a, int b) = (vocabulary["Ġa"]!.GetValue<int>(), vocabulary["Ġb"]!.GetValue<int>());
        (vocabulary["Ġa"], vocabulary["Ġb"]) = (b, a);
        return json.ToJsonString();
    }

    private string DemoWithTokenizer(Func<string, string> change)
    {
        string folder = _runner[$"demo-{Guid.NewGuid():N}"];
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Models.Demo))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        string tokenizer = Path.Combine(folder, "tokenizer.json");
        string json = File.ReadAllText(tokenizer);
        Assert.AreNotEqual(json, change(json));
        File.WriteAllText(tokenizer, change(json));
        return folder;
    }

    private void Write(string name, string text) => File.WriteAllText(_runner[name], text);

    private void Refused(int code, string line, string fragment)
    {
        Write("file", "kept");
        Write("p.txt", "Anna comes\n");
        Write("blank.txt", "\n  \n");
        Write("blank.jsonl", "\n");
        Write("bad.jsonl", "[1]\n{\n");
        Write("other.jsonl", "{\"words\":\"a\"}\n");
        Write("both.jsonl", "{\"text\":\"a\",\"tokens\":[1]}\n");
        Write("noids.jsonl", "[1]\n[]\n");
        Write("large.jsonl", "{\"tokens\":[1,99999]}\n");
        Write("negative.jsonl", "[-1]\n");
        Write("long.jsonl", $"[{string.Join(',', Enumerable.Repeat(5, 300))}]\n");
        string[] args = [.. line.Split(' ').Select(word => word switch
        {
            "TEST" => SteeringDemo.Dataset("bold-test.json"),
            "TRAIN" => SteeringDemo.Dataset("bold-train.json"),
            "BOLD" => SteeringDemo.Bold,
            "FOLDER" => Models.Demo,
            "MISSING" => _runner["missing"],
            "BLANK" => _runner["blank.txt"],
            "BLANKJSON" => _runner["blank.jsonl"],
            "BADJSON" => _runner["bad.jsonl"],
            "OTHERJSON" => _runner["other.jsonl"],
            "FILE" => _runner["file"],
            "BOTH" or "NOIDS" or "LARGE" or "NEGATIVE" or "LONG" => _runner[$"{word.ToLowerInvariant()}.jsonl"],
            _ => word.Replace("OUT", _runner["out"], StringComparison.Ordinal),
        })];
        string[] prompts = args.Contains("--prompts") ? [] : ["--prompts", _runner["p.txt"]];
        _runner.Invoke(["drift", SteeringDemo.Bundle, Models.DemoBundle, .. prompts, .. args]).ExpectError(code, fragment);
        Assert.AreEqual("kept", File.ReadAllText(_runner["file"]));
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }
}
