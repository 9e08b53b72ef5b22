using System.Text;
using OnnxLens.Eval.Datasets;
using OnnxLens.Testing;

namespace OnnxLens.Eval.Tests.Datasets;

[TestClass]
public sealed class MalformedDatasetTests
{
    private const string Good = """{"question":"Q?","answer_matching_behavior":"(A)","answer_not_matching_behavior":"(B)"}""";
    private const string Header = "question,answer_matching_behavior,answer_not_matching_behavior\n";

    [TestMethod]
    public void ReadAnswers_NoSuchFile_SaysWhatToGive() => AssertRefused(folder => folder["none.json"], "none.json", "cannot be read");

    [TestMethod]
    public void ReadAnswers_Folder_SaysWhatToGive() => AssertRefused(folder => folder.Path, "is a folder", "Give a .json, .jsonl, .csv or .tsv file");

    [TestMethod]
    [DataRow("", "empty")]
    [DataRow(" \n\t\n", "nothing but white space")]
    [DataRow("[]", "has no rows")]
    [DataRow("{}", "is one JSON object", "Put [ and ] around it")]
    [DataRow("{\n \"question\": \"Q?\"\n}\n", "is one JSON object")]
    [DataRow("12", "is a single JSON value")]
    [DataRow("[\n{\"question\": \"Q?\",\n\"x\"", "is not valid JSON (line 3)")]
    [DataRow("[]\n]", "is not valid JSON (line 2)")]
    [DataRow("[1, {\"a\": 2},]", "is not valid JSON (line 1)")]
    public void ReadAnswers_WrongJsonFile_IsRefused(string text, params string[] parts) => AssertTextRefused("set.json", text, parts);

    [TestMethod]
    public void ReadAnswers_UnknownForm_IsRefused() => AssertTextRefused("set.txt", "question\n", "'.txt'", "expected .json, .jsonl, .ndjson, .csv or .tsv");

    [TestMethod]
    public void ReadAnswers_NotUtf8_NamesTheLine() =>
        AssertBytesRefused("set.jsonl", [.. Encoding.UTF8.GetBytes(Good + "\n"), .. "caf"u8, 0xE9, (byte)'\n'], "not UTF-8 (line 2)", "Save it as UTF-8");

    [TestMethod]
    public void ReadAnswers_Utf16_IsNamed() => AssertBytesRefused("set.json", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("[]")], "is UTF-16");

    [TestMethod]
    [DataRow("""{"question":"Q?","answer_matching_behavior":"(A)"}""", "'answer_not_matching_behavior' is missing")]
    [DataRow("""{"question":null,"answer_matching_behavior":"(A)","answer_not_matching_behavior":"(B)"}""", "'question' is null; expected a text")]
    [DataRow("""{"question":"Q?","answer_matching_behavior":["(A)"],"answer_not_matching_behavior":"(B)"}""", "'answer_matching_behavior' is an array; expected a text")]
    [DataRow("""{"question":"Q?","answer_matching_behavior":1,"answer_not_matching_behavior":2}""", "'answer_matching_behavior' is 1; expected a text; 'answer_not_matching_behavior' is 2")]
    [DataRow("""{"question":" \n","answer_matching_behavior":"(A)","answer_not_matching_behavior":"  "}""", "'question' is blank; 'answer_not_matching_behavior' is blank")]
    [DataRow("""{"question":"Q?","answer_matching_behavior":" (A)","answer_not_matching_behavior":"(A)"}""", "both answers are 'A'")]
    [DataRow("""{"question":"Q?","question":"R?"}""", "gives 'question' twice")]
    [DataRow("""{"question":"Q?\ud800"}""", "half of a surrogate pair")]
    [DataRow("""{"question":"Q?", broken""", "is not valid JSON")]
    [DataRow("""["Q?"]""", "is an array; expected an object")]
    [DataRow("""{"question":"R?","answer_matching_behavior":"(A)","answer_not_matching_behavior":"(B)","sample":"row0"}""", "is the second named 'row0', after line 1")]
    [DataRow("""{"question":"R?","answer_matching_behavior":"(A)","answer_not_matching_behavior":"(B)","split":{}}""", "'split' is an object; expected a text or a number")]
    public void ReadAnswers_MalformedRow_IsRefusedByLineOrSkipped(string row, string reason)
    {
        string text = $"{Good}\n\n{row}\n";
        AssertTextRefused("set.jsonl", text, "1 malformed row(s) among 2", "line 3 (row", reason);

        using var folder = new TempFolder();
        File.WriteAllText(folder["set.jsonl"], text);
        AnswerDataset rest = DatasetReader.ReadAnswers(folder["set.jsonl"], new DatasetReadOptions { Malformed = MalformedRows.Skip });

        Assert.HasCount(1, rest.Rows);
        Assert.AreEqual(3, rest.Skipped.Single().Line);
        Assert.Contains(reason, rest.Skipped.Single().Reason);
    }

    [TestMethod]
    public void ReadAnswers_ManyMalformedRows_NamesTenAndCountsTheRest()
    {
        string rows = string.Concat(Enumerable.Repeat("{\"question\":\"\"}\n", 25));

        string message = AssertTextRefused("set.jsonl", $"{rows}{Good}\n", "25 malformed row(s) among 26", "line 10 (row9)", "and 15 more");

        Assert.DoesNotContain("line 11", message);
    }

    [TestMethod]
    public void ReadAnswers_OnlyMalformedRows_IsRefusedEvenWhereTheyAreSkipped()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["set.jsonl"], "{\n");

        string message = Assert.ThrowsExactly<EvalException>(() => DatasetReader.ReadAnswers(folder["set.jsonl"], new DatasetReadOptions { Malformed = MalformedRows.Skip })).Message;

        Assert.Contains("has no row that can be used; all 1 are malformed", message);
    }

    [TestMethod]
    public void ReadAnswers_FieldInNoRow_SaysWhichFieldsThereAre()
    {
        AssertTextRefused("set.csv", "prompt,good,bad\nQ?,(A),(B)\n", "has no 'question' in any row", "'prompt', 'good', 'bad'");
        AssertTextRefused("set.json", "[{\"question\": \"Q?\"}]", "has no 'answer_matching_behavior' in any row", "its fields are: 'question'");
        AssertTextRefused("set.jsonl", "{\"positive\": \"a\", \"negative\": \"b\"}", "has no 'question' in any row", "'positive', 'negative'");
    }

    [TestMethod]
    [DataRow(Header, "has no rows")]
    [DataRow(Header + "Q?,(A)\nR?,(A),(B)\n", "line 2 (row0): has 2 value(s), where the 3 columns")]
    [DataRow(Header + "Q?,(A),(B)\n\"R?,(B),(A)\nS?,(A),(B)\n", "line 3 (row1): has a misplaced or unclosed quote, so that lines 3 to")]
    [DataRow(Header + "Q?,(A),(B)\nsay \"x\",(A),(B)\n", "line 3 (row1): has a misplaced or unclosed quote;")]
    [DataRow("question,question,answer\nQ?,(A),(B)\n", "two columns named 'question'")]
    [DataRow("question,\"answer\nQ?,(A)\n", "quote in its line of column names")]
    public void ReadAnswers_WrongCsv_IsRefusedByLine(string text, string part) => AssertTextRefused("set.csv", text, part);

    [TestMethod]
    public void Validate_ColumnsWithoutNameOrForTwoThings_AreRefused()
    {
        Assert.Contains("is empty", Assert.ThrowsExactly<SelectionException>(new DatasetReadOptions { QuestionColumn = " " }.Validate).Message);
        Assert.Contains("'x' is given for two things", Assert.ThrowsExactly<SelectionException>(new DatasetReadOptions { MatchingColumn = "x", NotMatchingColumn = "x" }.Validate).Message);
    }

    private static string AssertTextRefused(string name, string text, params string[] parts) => AssertBytesRefused(name, Encoding.UTF8.GetBytes(text), parts);

    private static string AssertBytesRefused(string name, byte[] bytes, params string[] parts) => AssertRefused(
        folder =>
        {
            File.WriteAllBytes(folder[name], bytes);
            return folder[name];
        },
        [name, .. parts]);

    private static string AssertRefused(Func<TempFolder, string> path, params string[] parts)
    {
        using var folder = new TempFolder();
        string message = Assert.ThrowsExactly<EvalException>(() => DatasetReader.ReadAnswers(path(folder))).Message;
        foreach (string part in parts)
            Assert.Contains(part, message);
        return message;
    }
}
