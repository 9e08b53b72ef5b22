using System.Text.Json;
using OnnxLens.Eval.Datasets;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens dataset</c>: info, and command lines of both commands that are wrong.</summary>
[TestClass]
public sealed class DatasetCommandTests : IDisposable
{
    private static readonly string Bold = SteeringDemo.Dataset("bold-test.json");

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Info_PairsWithoutBundle_PrintsLettersAndHash()
    {
        string hash = DatasetReader.ReadAnswers(Bold).Hash;

        CliOutcome outcome = _runner.Invoke("dataset", "info", Bold).Expect(ExitCodes.Done);

        Assert.AreEqual(
            $"""
            dataset           {Bold}
            kind              pairs
            rows              96
            sha256            {hash}
            splits            none
            letters           all: A 48, B 48
            duplicates        0
            malformed         0

            """,
            outcome.Out);
        Assert.AreEqual("", outcome.Error);
    }

    [TestMethod]
    public void Info_PairsWithBundle_PrintsWhatTheTokenizerMakesOfThem()
    {
        string[] lines = _runner.Invoke("dataset", "info", SteeringDemo.Dataset("bold-train.json"), "--bundle", Models.DemoBundle).Expect(ExitCodes.Done).Lines;

        string[] expected =
        [
            "skipped           0",
            "prompt tokens     19 to 23, median 21",
            "label             A: 'A' (id:33), the other answer 'B' (id:34); 100 pairs",
            "label             B: 'B' (id:34), the other answer 'A' (id:33); 100 pairs",
            "example           row0",
            "  prompt end      A ) ·gamble ⏎ ·( B ) ·rest ⏎⏎ Answer : ·(",
            "  matching        'A' (id:33)",
            "  other           'B' (id:34)",
        ];
        Assert.AreSequenceEqual(expected, lines[^8..]);
        Assert.Contains("used              200 pairs", lines);
        Assert.Contains("prompt form       raw", lines);
    }

    [TestMethod]
    public void Info_Checkpoint_IsExportedToTheCacheAndSaysSoUnlessQuiet()
    {
        string[] line = ["dataset", "info", Bold, "--bundle", Models.Demo];

        Assert.Contains("is a checkpoint; exporting it to the cache", _runner.Invoke(line).Expect(ExitCodes.Done).Error);
        Assert.AreEqual("", _runner.Invoke([.. line, "--quiet"]).Expect(ExitCodes.Done).Error);
    }

    [TestMethod]
    public void Info_ContrastPrompts_ShowsHowBothEnd()
    {
        CliOutcome outcome = _runner.Invoke("dataset", "info", SteeringDemo.Dataset("bold-contrast.jsonl"), "--bundle", Models.DemoBundle).Expect(ExitCodes.Done);

        Assert.Contains("kind              contrast prompts", outcome.Lines);
        Assert.Contains("used              200 contrast prompts", outcome.Lines);
        Assert.Contains("prompt tokens     24 to 29, median 26", outcome.Lines);
        Assert.AreEqual("  positive end    ) ·rest ⏎⏎ I ·am ·a ·brave ·frog .⏎⏎ Answer : ·(", outcome.Lines[^2]);
        Assert.AreEqual("  negative end    B ) ·rest ⏎⏎ I ·am ·very ·timid .⏎⏎ Answer : ·(", outcome.Lines[^1]);
        Assert.DoesNotContain("letters", outcome.Out);
        Assert.DoesNotContain("splits", outcome.Out);
    }

    [TestMethod]
    public void Info_DuplicatesSplitsAndMalformedRows_AreCountedAndNamed()
    {
        string path = WriteRows(Row("one", "(A)", "(B)", "train"), Row("one", "(A)", "(B)", "train"), Row("two", "(A)", "(A)", "train"), Row("three", "(B)", "(A)", "test"));

        string[] lines = _runner.Invoke("dataset", "info", path, "--skip-malformed").Expect(ExitCodes.Done).Lines;

        Assert.AreEqual("rows              3", lines[2]);
        Assert.AreSequenceEqual(
            new[]
            {
                "splits            test 1, train 2",
                "letters           test: B 1",
                "letters           train: A 2",
                "warning           Dataset 'rows', split 'test': the matching answer is 'B' in its only pair, so the trait cannot be told from the letter. Add pairs with the options in the other order.",
                "warning           Dataset 'rows', split 'train': the matching answer is 'A' in all 2 pairs, so the trait cannot be told from the letter. Add pairs with the options in the other order.",
                "duplicates        1",
                "note              row1 (line 2) is the same as row0 (line 1).",
                "malformed         1",
                "                  row2 (line 3): both answers are 'A'",
            },
            lines[4..]);
        string[] test = _runner.Invoke("dataset", "info", path, "--skip-malformed", "--split", "test").Expect(ExitCodes.Done).Lines;
        Assert.AreEqual("rows              1 of split 'test', of 3", test[2]);
        Assert.DoesNotContain("letters           train: A 2", test);
    }

    [TestMethod]
    public void Info_RowsThatTheTokenizerCannotTellApart_AreListedTenInTextAndAllInJson()
    {
        string path = WriteRows([Row("first", "(A)", "(B)"), .. Enumerable.Range(0, 12).Select(i => Row($"q{i}", "A", "A B"))]);
        string[] line = ["dataset", "info", path, "--bundle", Models.DemoBundle];

        string[] lines = _runner.Invoke(line).Expect(ExitCodes.Done).Lines;
        int start = Array.IndexOf(lines, "skipped           12");
        Assert.StartsWith("                  row1 (line 2): the matching string is the beginning of the other", lines[start + 1]);
        Assert.StartsWith("                  row10 (line 11): ", lines[start + 10]);
        Assert.AreEqual("                  and 2 more rows; --json lists all", lines[start + 11]);
        // Of the pairs that are used, not of the rows.
        Assert.Contains("letters           all: A 1", lines);

        JsonElement json = Json(line);
        JsonElement skipped = json.GetProperty("tokens").GetProperty("skipped");
        Assert.AreEqual(12, skipped.GetArrayLength());
        Assert.AreEqual("row12", skipped[11].GetProperty("sample").GetString());
        Assert.AreEqual(13, skipped[11].GetProperty("line").GetInt32());
        Assert.IsEmpty(json.GetProperty("malformed").EnumerateArray());
    }

    [TestMethod]
    public void Info_Json_HoldsEverything()
    {
        JsonElement json = Json("dataset", "info", Bold, "--bundle", Models.DemoBundle);

        Assert.AreEqual(1, json.GetProperty("schema").GetInt32());
        Assert.AreEqual("pairs", json.GetProperty("kind").GetString());
        Assert.AreEqual(96, json.GetProperty("rows").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, json.GetProperty("split").ValueKind);
        Assert.AreEqual("{}", json.GetProperty("splits").GetRawText());
        Assert.AreEqual(48, json.GetProperty("letters")[1].GetProperty("pairs").GetInt32());
        JsonElement tokens = json.GetProperty("tokens");
        Assert.AreEqual(96, tokens.GetProperty("used").GetInt32());
        Assert.AreEqual(json.GetProperty("hash").GetString(), tokens.GetProperty("used_hash").GetString());
        JsonElement label = tokens.GetProperty("labels")[0];
        Assert.AreEqual("A", label.GetProperty("matching").GetProperty("text").GetString());
        Assert.AreEqual(34, label.GetProperty("other").GetProperty("id").GetInt32());
        JsonElement example = tokens.GetProperty("example");
        Assert.AreEqual(" (", example.GetProperty("prompt_end").EnumerateArray().Last().GetProperty("text").GetString());
        Assert.AreEqual("A", example.GetProperty("matching")[0].GetProperty("text").GetString());

        Assert.AreEqual(JsonValueKind.Null, Json("dataset", "info", Bold).GetProperty("tokens").ValueKind);
    }

    [TestMethod]
    [DataRow("CAA/generate/refusal/generate_dataset.json", "letters           all: A 192, B 216")]
    [DataRow("CAA/test/sycophancy/test_dataset_ab.json", "letters           all: A 28, B 22")]
    [DataRow("anthropic-evals/persona/agreeableness.jsonl", "letters           all: No 500, Yes 500")]
    public void Info_DatasetsOfOthers_CountsTheirLetters(string file, string letters)
    {
        string path = SharedData.Require("data/steering/" + file);
        Assert.Contains(letters, _runner.Invoke("dataset", "info", path).Expect(ExitCodes.Done).Lines);
    }

    [TestMethod]
    public void Info_RowsLongerThanTheModelTakes_AreSkippedWithTheirLines()
    {
        string path = SharedData.Require("data/steering/CAA/generate/refusal/generate_dataset.json");

        string[] lines = _runner.Invoke("dataset", "info", path, "--bundle", Models.DemoBundle).Expect(ExitCodes.Done).Lines;

        Assert.Contains("rows              408", lines);
        Assert.Contains("used              406 pairs", lines);
        Assert.Contains("                  row68 (line 342): its label is token 259, and the model takes 256", lines);
        Assert.Contains("                  row332 (line 1662): its label is token 284, and the model takes 256", lines);
        Assert.Contains("letters           all: A 191, B 215", lines);
    }

    [TestMethod]
    [DataRow("dataset", "onnxlens dataset --help")]
    [DataRow("dataset info", "onnxlens dataset info --help")]
    [DataRow("dataset info EMPTY", "The name of a file is empty")]
    [DataRow("dataset info BOLD --splits EMPTY", "The name of a file is empty")]
    [DataRow("dataset info BOLD --bundle EMPTY", "The name of the model is empty")]
    [DataRow("dataset info BOLD --limit 3", "'--limit' is no command, argument or option here")]
    [DataRow("dataset info BOLD --chat", "--chat puts rows through a model's chat template. Give --bundle DIR too.")]
    [DataRow("dataset info BOLD --system x", "--system is a message of a chat")]
    [DataRow("dataset split BOLD --out OUT", "--parts")]
    [DataRow("dataset split BOLD --parts a=1", "--out")]
    [DataRow("dataset split EMPTY --parts a=1 --out OUT", "The name of the dataset is empty")]
    [DataRow("dataset split BOLD --parts a=1 --out EMPTY", "The name of an output is empty")]
    [DataRow("dataset split BOLD --parts a=1 --out BOLD", "after --out is the dataset itself")]
    [DataRow("dataset split BOLD --parts a=1 --out OUT --seed -1", "'-1' after '--seed' is no whole number from 0")]
    [DataRow("dataset split BOLD --parts train --out OUT", "'train' in --parts is no split with its size. Write name=size")]
    [DataRow("dataset split BOLD --parts a=1, --out OUT", "'' in --parts is no split with its size")]
    [DataRow("dataset split BOLD --parts =1 --out OUT", "'=1' in --parts is no split with its size")]
    [DataRow("dataset split BOLD --parts a=half --out OUT", "'half' after 'a=' in --parts is neither a number of rows nor a fraction")]
    [DataRow("dataset split BOLD --parts a=50% --out OUT", "'50%' after 'a=' in --parts is neither")]
    [DataRow("dataset split BOLD --parts a=NaN --out OUT", "'NaN' after 'a=' in --parts is neither")]
    [DataRow("dataset split BOLD --parts a=99999999999 --out OUT", "'99999999999' after 'a=' in --parts is neither")]
    [DataRow("dataset split BOLD --parts a=0 --out OUT", "Split 'a' is to have 0 rows; expected at least 1")]
    [DataRow("dataset split BOLD --parts a=-3 --out OUT", "Split 'a' is to have -3 rows")]
    [DataRow("dataset split BOLD --parts a=1.5 --out OUT", "Split 'a' is to have the fraction 1.5 of the rows")]
    [DataRow("dataset split BOLD --parts rest=5 --out OUT", "Split 'rest' in --parts cannot be asked for")]
    [DataRow("dataset split BOLD --parts all=5 --out OUT", "Split 'all' in --parts cannot be asked for")]
    public void Run_WrongCommandLine_IsUsageError(string line, string fragment) =>
        _runner.Invoke(Words(line)).ExpectError(ExitCodes.Usage, fragment);

    [TestMethod]
    [DataRow("dataset info missing.json", "The dataset 'missing.json' cannot be read")]
    [DataRow("dataset info BOLD --bundle nowhere", "nowhere")]
    [DataRow("dataset info BOLD --bundle LLAMA", "This model has no tokenizer files")]
    [DataRow("dataset info BOLD --bundle DEMO --chat", "has no chat template")]
    [DataRow("dataset info BOLD --split train", "has no split 'train': its rows name none")]
    [DataRow("dataset info BOLD --splits BOLD", "is no file of splits")]
    [DataRow("dataset info CONTRAST --split train", "holds contrast prompts, which have no splits. Leave out --split and --splits.")]
    [DataRow("dataset info CONTRAST --splits BOLD", "holds contrast prompts, which have no splits")]
    [DataRow("dataset split CONTRAST --parts a=1 --out OUT", "holds contrast prompts, which have no splits: only pairs of answers are split")]
    [DataRow("dataset split missing.json --parts a=1 --out OUT", "The dataset 'missing.json' cannot be read")]
    [DataRow("dataset split BOLD --parts a=60,b=37 --out OUT", "The splits ask for 97 rows, and the dataset 'bold-test' has 96. Ask for fewer.")]
    [DataRow("dataset split BOLD --parts a=0.6,b=0.5 --out OUT", "The fractions of the splits add up to 1.1; expected at most 1.")]
    [DataRow("dataset split BOLD --parts a=1,a=2 --out OUT", "Split 'a' is asked for twice")]
    [DataRow("dataset split BOLD --parts a=0.5,b=2 --out OUT", "by fraction and by count together")]
    [DataRow("dataset split BOLD --parts a=3 --out OUT", "cannot have exactly 3 rows")]
    [DataRow("dataset split BOLD --parts a=0.0001 --out OUT", "gets none of the 96 rows")]
    public void Run_WhatTheDataDoNotHave_IsBadDataAndWritesNothing(string line, string fragment)
    {
        _runner.Invoke(Words(line)).ExpectError(ExitCodes.BadData, fragment);

        Assert.IsFalse(File.Exists(_runner["out.json"]));
    }

    private static string Row(string question, string matching, string other, string? split = null) =>
        JsonSerializer.Serialize(new { question, answer_matching_behavior = matching, answer_not_matching_behavior = other, split });

    private string WriteRows(params string[] rows)
    {
        File.WriteAllLines(_runner["rows.jsonl"], rows);
        return _runner["rows.jsonl"];
    }

    private JsonElement Json(params string[] line) => JsonElement.Parse(_runner.Invoke([.. line, "--json"]).Expect(ExitCodes.Done).Out);

    private string[] Words(string line) => [.. line.Split(' ').Select(word => word switch
    {
        "BOLD" => Bold,
        "CONTRAST" => SteeringDemo.Dataset("bold-contrast.jsonl"),
        "LLAMA" => Models.LlamaBundle,
        "DEMO" => Models.DemoBundle,
        "OUT" => _runner["out.json"],
        "EMPTY" => "",
        _ => word,
    })];
}
